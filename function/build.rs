//! Lists the profiles of `function/agents/`, so that adding an agent is adding one file.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("function/agents");
    println!("cargo::rerun-if-changed=function/build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut list = String::from("pub(crate) const BUILTIN: &[(&str, &str)] = &[\n");
    for path in profiles(&folder)? {
        println!("cargo::rerun-if-changed={}", path.display());
        let not_text = || format!("{} is not UTF-8", path.display());
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.ok_or_else(not_text)?;
        let file = path.to_str().ok_or_else(not_text)?;
        writeln!(list, "    ({name:?}, include_str!({file:?})),")?;
    }
    list.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("agents.rs"), list)?;
    Ok(())
}

/// The profiles' files by name, so that every machine builds the same program.
fn profiles(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
