//! Mounts that only this process sees, so that a disk can be full and a host name unknown without anybody
//! else noticing. They end with the process.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells the copy of a program where its mounts are.
const VARIABLE: &str = "SHORTLEASE_TESTS_MOUNTS";

/// The host name that [`Mounts::know_host`] is about: of a domain that no resolver knows.
pub const HOST: &str = "database.invalid";

const MOUNT: &str = r#"
set -e
directory=$1; shift
for disk in tables wal
do
    mkdir -p "$directory/$disk"
    mount -t tmpfs -o size=48m,mode=0777 shortlease "$directory/$disk"
done
cp /etc/hosts "$directory/hosts"
mount --bind "$directory/hosts" /etc/hosts
exec "$@"
"#;

/// A small file system.
#[derive(Clone, Copy, Debug)]
pub enum Disk {
    /// For tables.
    Tables,
    /// For the log that is written ahead of them.
    Wal,
}

/// Small disks and a hosts file of its own.
pub struct Mounts {
    directory: PathBuf,
}

/// Does `work` with mounts of its own where this process may have them, and without where not: that takes
/// root on Linux. With them it is done in a copy of this program, started with `arguments`, which has to get
/// here again.
///
/// # Panics
/// Where the copy fails.
pub fn within(arguments: &[&str], work: impl FnOnce(Option<Mounts>)) {
    if let Some(directory) = env::var_os(VARIABLE) {
        return work(Some(Mounts { directory: directory.into() }));
    }
    let directory = tempfile::Builder::new().prefix("shortlease-").tempdir_in("/tmp");
    let directory = directory.expect("a directory in /tmp");
    let passable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(directory.path(), passable).expect("our own directory");
    let possible = secluded(directory.path())
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        return work(None);
    }
    let copy = secluded(directory.path())
        .arg(env::current_exe().expect("this program"))
        .args(arguments)
        .env(VARIABLE, directory.path())
        .status()
        .expect("it was started before");
    assert!(copy.success(), "{copy}");
}

fn secluded(directory: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "/bin/sh", "-c", MOUNT, "mount"]);
    command.arg(directory);
    command
}

impl Mounts {
    /// Where the disk is.
    pub fn path(&self, disk: Disk) -> PathBuf {
        self.directory.join(match disk {
            Disk::Tables => "tables",
            Disk::Wal => "wal",
        })
    }

    /// Writes on the disk until nothing more fits.
    pub fn fill(&self, disk: Disk) {
        let mut ballast = File::create(self.ballast(disk)).expect("a file on the disk");
        for size in [64 * 1024, 1024, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Frees the disk, after [`Mounts::fill`].
    pub fn free(&self, disk: Disk) {
        fs::remove_file(self.ballast(disk)).expect("the ballast");
    }

    fn ballast(&self, disk: Disk) -> PathBuf {
        self.path(disk).join("ballast")
    }

    /// Makes [`HOST`] a name of 127.0.0.1.
    pub fn know_host(&self) {
        self.write_hosts(&format!("127.0.0.1 localhost {HOST}\n"));
    }

    /// Makes [`HOST`] a name of nothing.
    pub fn forget_host(&self) {
        self.write_hosts("127.0.0.1 localhost\n");
    }

    fn write_hosts(&self, hosts: &str) {
        // In place: what is mounted is the file, not its name.
        fs::write(self.directory.join("hosts"), hosts).expect("a hosts file");
    }
}
