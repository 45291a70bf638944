//! Files that are either the old version or the new one, also after a crash, and readable by their owner only.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

/// Replaces the file at `path` with `bytes`, mode 0600.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_beside(path, bytes)?.persist(path)?;
    sync_folder(path)
}

/// Creates the file at `path` with `bytes`, mode 0600; [`io::ErrorKind::AlreadyExists`] when there is one.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_beside(path, bytes)?.persist_noclobber(path)?;
    sync_folder(path)
}

/// Removes the file at `path` so that it stays removed after a crash.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(path)
}

/// Same folder, hence the same file system: the rename that follows is atomic. `tempfile` creates with mode 0600.
fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A rename is durable only once the folder that holds the name is.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
