//! `auction:` is a mode's name, or a mapping from it to its options:
//!
//! ```yaml
//! auction: sealed                                    # first price
//! auction: { sealed: { pricing: second, min_bidders: 3 } }
//! auction: { descending: { min_bidders: 2 } }
//! auction: { open: { auto_after: 5m } }              # without it the tenant alone decides
//! ```

use leasehold_rules::auction::{AuctionMode, Pricing, MIN_BIDDERS};

use crate::quantity::whole_seconds;
use crate::reader::{Cursor, Fields, Unknown};

const MODES: [(&str, AuctionMode); 4] = [
    ("descending", AuctionMode::Descending { min_bidders: None }),
    ("open", AuctionMode::Open { auto_after: None }),
    ("dutch", AuctionMode::Dutch { min_rate: None }),
    (
        "sealed",
        AuctionMode::Sealed {
            pricing: Pricing::First,
            min_bidders: None,
        },
    ),
];

const PRICINGS: [(&str, Pricing); 2] = [("first", Pricing::First), ("second", Pricing::Second)];

/// `None` for what the report then complains about.
pub(super) fn auction(cursor: &Cursor) -> Option<AuctionMode> {
    if !cursor.is_mapping() {
        return cursor.choice(&MODES);
    }
    let names = MODES.map(|(name, _)| name);
    let modes = cursor.fields(&names, Unknown::Refuse);
    let given: Vec<_> = MODES
        .iter()
        .filter_map(|(name, mode)| Some((*mode, modes.present(name)?)))
        .collect();
    let [(mode, options)] = <[(AuctionMode, &Cursor); 1]>::try_from(given)
        .map_err(|_| cursor.error(format!("exactly one of: {}", names.join(", "))))
        .ok()?;
    Some(with_options(mode, options))
}

fn with_options(mode: AuctionMode, options: &Cursor) -> AuctionMode {
    let fields = |known: &[&str]| options.fields(known, Unknown::Refuse);
    match mode {
        AuctionMode::Descending { .. } => AuctionMode::Descending {
            min_bidders: min_bidders(&fields(&["min_bidders"])),
        },
        AuctionMode::Open { .. } => AuctionMode::Open {
            auto_after: fields(&["auto_after"]).get("auto_after").map(seconds),
        },
        AuctionMode::Dutch { .. } => {
            fields(&[]);
            mode
        }
        AuctionMode::Sealed { pricing, .. } => {
            let fields = fields(&["pricing", "min_bidders"]);
            let asked = fields
                .get("pricing")
                .and_then(|word| word.choice(&PRICINGS));
            AuctionMode::Sealed {
                pricing: asked.unwrap_or(pricing),
                min_bidders: min_bidders(&fields),
            }
        }
    }
}

fn min_bidders(fields: &Fields) -> Option<u32> {
    fields
        .get("min_bidders")
        .map(|least| least.integer(MIN_BIDDERS))
}

fn seconds(cursor: &Cursor) -> u64 {
    cursor.parsed(|text| whole_seconds(text, 86_400))
}
