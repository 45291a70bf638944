//! `leasehold sdl`.

use std::path::Path;

use anyhow::{Context as _, Result};
use leasehold_sdl::Sdl;

use crate::args::SdlCommand;
use crate::context::Context;
use crate::output;

pub fn run(context: &Context, command: SdlCommand) -> Result<()> {
    match command {
        SdlCommand::Check { file } => {
            let sdl = read(&file)?;
            let groups = sdl.groups()?;
            let hash = hex::encode(sdl.manifest().hash());
            if context.global.json {
                return output::json(
                    &serde_json::json!({"valid": true, "groups": groups.len(), "manifest_hash": hash}),
                );
            }
            println!(
                "{} is valid: {} group(s), manifest {hash}",
                file.display(),
                groups.len()
            );
            Ok(())
        }
        SdlCommand::Groups { file } => output::json(&read(&file)?.groups()?),
        SdlCommand::Manifest { file, hash } => {
            let sdl = read(&file)?;
            let manifest = sdl.manifest();
            match hash {
                true => println!("{}", hex::encode(manifest.hash())),
                false => println!("{}", manifest.canonical_json()),
            }
            Ok(())
        }
    }
}

pub fn read(file: &Path) -> Result<Sdl> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Sdl::parse(&file.display().to_string(), &text)?)
}
