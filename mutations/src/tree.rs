use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

use crate::mutation::{self, Mutation, Target, Test};
use crate::outcome::Outcome;

/// The time after which a test counts as one that does not end, in seconds.
const TIME_LIMIT: &str = "180";

/// The same before anything is broken, when all that the tests depend on may have to be built.
const FIRST_TIME_LIMIT: &str = "3600";

const WORKSPACE: [&str; 2] = ["--workspace", "--all-features"];

/// A copy of the workspace in a temporary directory, which shares the target directory of the original.
pub(crate) struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Copies all files that git tracks, or would track.
    pub(crate) fn copy() -> Result<Tree> {
        let original = mutation::root().canonicalize()?;
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| original.join("target"), |target| original.join(target));
        // The same directory in each run, or the target directory would grow. It is not below the target
        // directory, because trybuild replaces the path of that in the errors that it compares.
        let mut hasher = DefaultHasher::new();
        original.hash(&mut hasher);
        let root = std::env::temp_dir().join(format!("shortlease-mutations-{:x}", hasher.finish()));
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        for file in files(&original)? {
            let to = root.join(&file);
            fs::create_dir_all(to.parent().context("a file below the root")?)?;
            copy_file(&original.join(&file), &to).with_context(|| file.clone())?;
        }
        let tree = Tree { root, target };
        tree.change_version()?;
        Ok(tree)
    }

    /// Gives the members another version, or cargo would take what is built from the copy for what is built
    /// from the original.
    fn change_version(&self) -> Result<()> {
        let manifest = self.root.join("Cargo.toml");
        let content = fs::read_to_string(&manifest)?;
        let changed = content.replace("0.1.0\"", "0.1.999\"");
        ensure!(changed != content, "Cargo.toml has no version 0.1.0 to change");
        Ok(fs::write(manifest, changed)?)
    }

    /// Runs the named test with the mutation in place, and takes the mutation back.
    pub(crate) fn break_and_test(&self, mutation: &Mutation) -> Result<Outcome> {
        let file = self.root.join(&mutation.file);
        let content = fs::read_to_string(&file).with_context(|| mutation.file.clone())?;
        fs::write(&file, mutation.apply(&content)?)?;
        let outcome = self.test(&[&mutation.test], TIME_LIMIT);
        fs::write(file, content)?;
        outcome
    }

    /// Runs tests of one target while nothing is broken.
    pub(crate) fn test_unbroken(&self, tests: &[&Test]) -> Result<Outcome> {
        self.test(tests, FIRST_TIME_LIMIT)
    }

    /// Runs tests of one target, with the features of all members, as `scripts/test` has built them.
    fn test(&self, tests: &[&Test], limit: &str) -> Result<Outcome> {
        let target = &tests.first().context("a test to run")?.target;
        let mut command = Command::new("timeout");
        command.args([limit, env!("CARGO"), "test", "--color=never"]);
        match target {
            Target::Macros => {
                command.args(["--package=shortlease-macros", "--lib", "--", "--exact"])
            }
            Target::Runtime => {
                command.args(["--package=shortlease", "--all-features", "--lib", "--", "--exact"])
            }
            Target::Ui => command.args(WORKSPACE).args(["--test=ui", "--", "refused"]),
            Target::Integration(name) => {
                command.args(WORKSPACE).arg(format!("--test={name}")).args(["--", "--exact"])
            }
        };
        command.args(tests.iter().map(|test| match target {
            Target::Ui => format!("trybuild=fail/{}.rs", test.name),
            _ => test.name.clone(),
        }));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        let Output { status, stdout, stderr } = command.output().context("timeout")?;
        let printed = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Outcome::read(status.success(), tests, &printed.concat()))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // If it stays, the next run removes it.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn files(root: &Path) -> Result<Vec<String>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let Output { status, stdout, .. } =
        Command::new("git").args(arguments).current_dir(root).output().context("git")?;
    ensure!(status.success(), "git ls-files: {status}");
    let files = String::from_utf8(stdout)?;
    // A file that is deleted and not committed yet is still listed.
    let present = files.split_terminator('\0').filter(|file| root.join(file).exists());
    Ok(present.map(str::to_owned).collect())
}

/// Copies a file, or the link that it is. A copy is newer than everything built, so cargo builds it anew.
fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if from.is_symlink() {
        return Ok(std::os::unix::fs::symlink(fs::read_link(from)?, to)?);
    }
    fs::copy(from, to)?;
    Ok(())
}
