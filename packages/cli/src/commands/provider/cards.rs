//! The cards that a provider declares.

use anyhow::{bail, ensure, Context as _, Result};
use leasehold_api::GpuInventory;

const FORM: &str = "write VENDOR/MODEL/VRAM_MIB/INTERFACE=COUNT, or `detect`";

/// What `--gpu` says: kinds with their counts, or `detect` alone.
pub fn cards(named: &[String]) -> Result<Vec<GpuInventory>> {
    match named {
        [only] if only == "detect" => detect(),
        kinds => kinds.iter().map(|kind| parse(kind)).collect(),
    }
}

fn parse(text: &str) -> Result<GpuInventory> {
    let parts = text
        .split_once('=')
        .map(|(kind, count)| (kind.split('/').collect::<Vec<_>>(), count));
    let Some(([vendor, model, vram, interface], count)) =
        parts.as_ref().map(|(kind, count)| (kind.as_slice(), count))
    else {
        bail!("--gpu {text}: {FORM}");
    };
    let number = |digits: &str| {
        digits
            .parse()
            .with_context(|| format!("--gpu {text}: `{digits}` is no whole number; {FORM}"))
    };
    Ok(GpuInventory {
        vendor: (*vendor).into(),
        model: (*model).into(),
        vram_mib: number(vram)?,
        interface: (*interface).into(),
        count: number(count)?,
    })
}

/// The cards of this machine, of one kind together.
fn detect() -> Result<Vec<GpuInventory>> {
    let (found, gaps) = leasehold_measure::gpus(None);
    let why = gaps.first().map_or("", |gap| gap.why.as_str());
    ensure!(!found.is_empty(), "--gpu detect: no card was found: {why}");
    let mut kinds: Vec<GpuInventory> = Vec::new();
    for gpu in found {
        let card = GpuInventory {
            vendor: gpu.vendor,
            model: gpu.model,
            vram_mib: u32::try_from(gpu.vram_mib)?,
            interface: gpu.interface,
            count: 1,
        };
        let same = |kind: &&mut GpuInventory| {
            GpuInventory {
                count: 1,
                ..(**kind).clone()
            } == card
        };
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.count += 1,
            None => kinds.push(card),
        }
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_in_four_parts_and_a_count() {
        let h100 = parse("nvidia/h100/81920/sxm=8").expect("well formed");
        assert_eq!(
            (h100.model.as_str(), h100.vram_mib, h100.count),
            ("h100", 81_920, 8)
        );
        for text in [
            "nvidia/h100=8",
            "nvidia/h100/81920/sxm",
            "nvidia/h100/80Gi/sxm=8",
            "detect=1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
