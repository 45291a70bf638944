//! The demo app's container image, made of this very binary: nothing is pulled from a registry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use leasehold_agent::runtime::docker::DockerRuntime;

/// As `examples/hello.yaml` names it.
const NAME: &str = "localhost/leasehold-demo";
const TAG: &str = "latest";

/// Imports the image into the engine that is found.
///
/// # Errors
/// No engine answers, or it refuses the image.
pub async fn import() -> Result<()> {
    let engine = DockerRuntime::connect(None, "demo").await?;
    let rootfs = tokio::task::spawn_blocking(rootfs).await??;
    Ok(engine
        .import_image(rootfs, NAME, TAG, &["ENV PATH=/bin"])
        .await?)
}

/// A tar of this binary and the shared libraries it runs with.
fn rootfs() -> Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    add(&mut tar, &std::env::current_exe()?, "bin/leasehold")?;
    for library in libraries()? {
        let name = library
            .file_name()
            .and_then(|name| name.to_str())
            .context("libraries have plain names")?;
        // The loader's own path is fixed in the binary, the others it finds in /lib.
        for folder in ["lib", "lib64"] {
            add(&mut tar, &library, &format!("{folder}/{name}"))?;
        }
    }
    Ok(tar.into_inner()?)
}

fn add(tar: &mut tar::Builder<Vec<u8>>, file: &Path, name: &str) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o755);
    Ok(tar.append_data(&mut header, name, bytes.as_slice())?)
}

/// The shared libraries mapped into this process.
fn libraries() -> Result<BTreeSet<PathBuf>> {
    let maps = std::fs::read_to_string("/proc/self/maps").context("the demo image needs Linux")?;
    let paths = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .map(PathBuf::from);
    Ok(paths
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().contains(".so"))
        })
        .collect())
}
