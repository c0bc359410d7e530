use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Error;
use crate::backoff::random;

/// The least time between two tries to get the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The databases in memory that are being migrated, by name.
static IN_MEMORY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The right to migrate a database, among all who can reach it.
///
/// A lock in the database would keep migrations from what they may do only outside of a transaction. A
/// lock on the file itself would end SQLite's own locks on it.
pub(super) enum MigrationLock {
    /// A lock on a file beside it, among all processes.
    File { path: PathBuf, file: File },
    /// Its name, among the tasks of this process.
    InMemory { name: PathBuf },
}

impl MigrationLock {
    pub(super) async fn take(
        name: &Path,
        is_in_memory: bool,
        limit: Duration,
    ) -> Result<Self, Error> {
        let began = Instant::now();
        loop {
            let taken = match is_in_memory {
                true => Self::try_name(name),
                false => Self::try_file(&beside(name)).map_err(sqlx::Error::Io)?,
            };
            if let Some(lock) = taken {
                return Ok(lock);
            }
            if began.elapsed() >= limit {
                let holder = match is_in_memory {
                    true => "another task of this process".to_owned(),
                    false => {
                        format!("another process, which has locked {}", beside(name).display())
                    }
                };
                return Err(Error::MigrationLocked { waited: began.elapsed(), holder });
            }
            sleep(PAUSE.mul_f64(1.0 + random())).await;
        }
    }

    fn try_name(name: &Path) -> Option<Self> {
        let mut names = in_memory();
        if names.iter().any(|taken| taken == name) {
            return None;
        }
        names.push(name.to_owned());
        Some(MigrationLock::InMemory { name: name.to_owned() })
    }

    fn try_file(path: &Path) -> Result<Option<Self>, std::io::Error> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it has removed the file, so this may be one that nobody else finds.
        let mine = file.metadata()?;
        let found = fs::metadata(path).is_ok_and(|found| is_same(&mine, &found));
        Ok(found.then(|| MigrationLock::File { path: path.to_owned(), file }))
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-migration");
    path.into()
}

fn in_memory() -> MutexGuard<'static, Vec<PathBuf>> {
    IN_MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is open is not removed.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

impl Drop for MigrationLock {
    fn drop(&mut self) {
        match self {
            MigrationLock::File { path, file } => {
                let _ = fs::remove_file(path);
                let _ = file.unlock();
            }
            MigrationLock::InMemory { name } => {
                in_memory().retain(|taken| taken != name);
            }
        }
    }
}
