//! From a product name to the registry's naming, which is Akash's: `NVIDIA A100-SXM4-80GB` is model `a100`, interface `sxm`.

/// Words of a product name that name its maker or family and are no part of a model's name.
const FAMILIES: [&str; 5] = ["nvidia", "tesla", "quadro", "geforce", "generation"];
/// Models that are sold as SXM modules unless their name says otherwise.
const MODULES: [&str; 7] = ["h100", "h200", "h20", "h800", "b200", "b300", "b100"];
/// GiB of cards whose name does not say it and of which the driver shows less than a nominal size, by model.
const SOLD_WITH: [(&str, u64); 8] = [
    ("t4", 16),
    ("l4", 24),
    ("a10", 24),
    ("a10g", 24),
    ("l40", 48),
    ("l40s", 48),
    ("a40", 48),
    ("h200", 141),
];
/// Part of the nominal memory that a driver shows at least, percent.
const SHOWN: u64 = 88;

/// What a product name says about a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// Lower case without spaces, such as `h100` or `rtx4090`.
    pub model: String,
    /// `pcie` or `sxm`.
    pub interface: &'static str,
    memory_gib: Option<u64>,
}

impl Naming {
    /// Reads an NVIDIA product name as NVML gives it.
    pub fn of(product: &str) -> Self {
        let lower = product.to_lowercase();
        let words: Vec<&str> = lower
            .split([' ', '-'])
            .filter(|word| !word.is_empty())
            .collect();
        let is_interface = |word: &&str| word.starts_with("sxm") || *word == "pcie";
        let model: String = words
            .iter()
            .filter(|word| {
                !FAMILIES.contains(word)
                    && !is_interface(word)
                    && !word.starts_with("hbm")
                    && gigabytes(word).is_none()
            })
            .copied()
            .collect();
        let named = words.iter().find(|word| is_interface(word));
        let is_module = named.map_or(MODULES.contains(&model.as_str()), |word| {
            word.starts_with("sxm")
        });
        Naming {
            interface: if is_module { "sxm" } else { "pcie" },
            memory_gib: words.iter().find_map(|word| gigabytes(word)),
            model,
        }
    }

    /// The memory the card is sold with, MiB, from what the driver reports: what the name or the table says if that agrees with the
    /// report, or else the next whole GiB.
    pub fn nominal_vram_mib(&self, reported_mib: u64) -> u64 {
        let table = || {
            SOLD_WITH
                .iter()
                .find(|(model, _)| *model == self.model)
                .map(|(_, gib)| *gib)
        };
        let agrees = |nominal: &u64| {
            reported_mib <= *nominal && reported_mib.saturating_mul(100) >= nominal * SHOWN
        };
        self.memory_gib
            .or_else(table)
            .map(|gib| gib.saturating_mul(1_024))
            .filter(agrees)
            .unwrap_or_else(|| reported_mib.div_ceil(1_024).saturating_mul(1_024))
    }
}

/// `80gb` as 80. No card has more than 10 000.
fn gigabytes(word: &str) -> Option<u64> {
    word.strip_suffix("gb")?
        .parse()
        .ok()
        .filter(|gib| *gib <= 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_names_become_the_registrys() {
        let named = [
            ("NVIDIA H100 80GB HBM3", 81_559, "h100", "sxm", 81_920),
            ("NVIDIA H100 PCIe", 81_559, "h100", "pcie", 81_920),
            (
                "NVIDIA H100 NVL",
                95_830,
                "h100nvl",
                "pcie",
                95_830_u64.div_ceil(1_024) * 1_024,
            ),
            ("NVIDIA H200", 143_771, "h200", "sxm", 144_384),
            ("NVIDIA A100-SXM4-80GB", 81_920, "a100", "sxm", 81_920),
            ("NVIDIA A100-PCIE-40GB", 40_536, "a100", "pcie", 40_960),
            ("NVIDIA A100 80GB PCIe", 81_920, "a100", "pcie", 81_920),
            ("Tesla V100-SXM2-16GB", 16_160, "v100", "sxm", 16_384),
            ("Tesla T4", 15_360, "t4", "pcie", 16_384),
            ("NVIDIA L40S", 46_068, "l40s", "pcie", 49_152),
            ("NVIDIA GeForce RTX 4090", 24_564, "rtx4090", "pcie", 24_576),
            (
                "NVIDIA GeForce RTX 3060 Ti",
                8_192,
                "rtx3060ti",
                "pcie",
                8_192,
            ),
            ("NVIDIA RTX A6000", 49_140, "rtxa6000", "pcie", 49_152),
            (
                "NVIDIA RTX 6000 Ada Generation",
                49_140,
                "rtx6000ada",
                "pcie",
                49_152,
            ),
            ("Quadro RTX 8000", 49_152, "rtx8000", "pcie", 49_152),
        ];
        for (product, reported, model, interface, nominal) in named {
            let naming = Naming::of(product);
            assert_eq!(
                (
                    naming.model.as_str(),
                    naming.interface,
                    naming.nominal_vram_mib(reported)
                ),
                (model, interface, nominal),
                "{product}"
            );
        }
    }

    /// A name is not believed against the driver: 480 GB is the memory of a GH200's processor, and a card that shows half is no 80 GB card.
    #[test]
    fn a_name_that_disagrees_with_the_driver_is_not_believed() {
        assert_eq!(Naming::of("NVIDIA GH200 480GB").model, "gh200");
        assert_eq!(
            Naming::of("NVIDIA GH200 480GB").nominal_vram_mib(97_871),
            98_304
        );
        assert_eq!(
            Naming::of("NVIDIA H100 80GB HBM3").nominal_vram_mib(40_000),
            40_960
        );
    }
}
