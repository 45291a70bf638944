//! An upgrade in the middle of life, on the real virtual machine: from the code of the last release to the code of today.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use flate2::read::GzDecoder;
use leasehold_api::suite::CONTRACTS;

use crate::chain::Chain;
use crate::modules::Bank;
use crate::stage::{self, artifact};

/// Committed with the release: `releases/<version>/leasehold_<contract>.wasm.gz`.
pub const RELEASE: &str = "0.1.0";

/// The code of a contract, by its name.
type Code<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>>;

/// What everybody owns at the end is the same with the upgrade as on today's code from the start.
pub fn check(artifacts: &Path) -> Result<()> {
    let today = |name: &str| artifact(artifacts, name);
    ensure!(
        live(&released, Some(&today))? == live(&today, None)?,
        "an upgrade from {RELEASE} changes what somebody owns"
    );
    Ok(())
}

/// Lives on some code, and from the middle on, if given, on other.
fn live(code: Code, upgrade: Option<Code>) -> Result<Bank> {
    let cache = tempfile::tempdir()?;
    let chain = Chain::new(cache.path(), true)?;
    let story = stage::with(&chain, code)?;
    let halfway = story.until_upgrade()?;
    if let Some(code) = upgrade {
        for name in CONTRACTS {
            let contract = chain.store(name, &code(name)?)?;
            let migrated = chain.migrate(&contract);
            migrated.with_context(|| format!("migrating {name} from {RELEASE}"))?;
        }
    }
    story.since_upgrade(&halfway)?;
    let owned = chain.state.borrow().bank.clone();
    Ok(owned)
}

fn released(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("releases")
        .join(RELEASE)
        .join(format!("leasehold_{name}.wasm.gz"));
    let file = File::open(&path).with_context(|| path.display().to_string())?;
    let mut wasm = vec![];
    GzDecoder::new(file).read_to_end(&mut wasm)?;
    Ok(wasm)
}
