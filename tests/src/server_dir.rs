//! A temporary directory for one server, and the account the server runs under.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Servers that refuse to run as root run as the first of these that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Deleted when dropped.
pub(crate) struct ServerDir {
    directory: TempDir,
    /// Set when this process is root's.
    account: Option<Account>,
}

#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

impl ServerDir {
    pub(crate) fn new() -> ServerDir {
        let temporary = || tempfile::Builder::new().prefix("shortlease-").to_owned();
        let directory = temporary().tempdir().expect("a temporary directory");
        if owner(directory.path()) != Some(0) {
            return ServerDir { directory, account: None };
        }
        // Not in root's own TMPDIR, which other accounts may be unable to reach.
        let directory = temporary().tempdir_in("/tmp").expect("a directory in /tmp");
        let account = unprivileged();
        chown(directory.path(), Some(account.uid), Some(account.gid)).expect("chown as root");
        ServerDir { directory, account: Some(account) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The directory that homes are made in, for files that outlive one home.
    pub(crate) fn neighbourhood(&self) -> &Path {
        self.path().parent().expect("a temporary directory has a parent")
    }

    /// The account that servers here run under.
    pub(crate) fn owner(&self) -> u32 {
        owner(self.path()).expect("this directory exists")
    }

    /// Whether `file` exists and is the account's own, not planted by another.
    pub(crate) fn owns(&self, file: &Path) -> bool {
        owner(file) == Some(self.owner())
    }

    /// A command that runs here, under the account that owns this home.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env("LC_ALL", "C");
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Runs a command of [`ServerDir::command`] to its end.
    ///
    /// # Panics
    /// When it fails, with what it printed.
    pub(crate) fn run(&self, command: &mut Command) {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(
            output.status.success(),
            "{command:?} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }

    /// Writes a file that the account can read.
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}

fn owner(path: &Path) -> Option<u32> {
    fs::symlink_metadata(path).ok().map(|file| file.uid())
}

fn unprivileged() -> Account {
    let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let find = |name: &&str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some(Account { uid: fields.next()?.ok()?, gid: fields.next()?.ok()? })
    };
    UNPRIVILEGED.iter().find_map(find).unwrap_or_else(|| {
        panic!("servers refuse to run as root, and there is no account named {UNPRIVILEGED:?}")
    })
}
