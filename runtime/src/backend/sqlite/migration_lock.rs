use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Error;
use crate::backoff::random;

/// The least time between two tries to get the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to migrate a file, among all processes: a lock on a file beside it.
///
/// A lock in the database would keep migrations from what they may do only outside of a transaction. A
/// lock on the file itself would end SQLite's own locks on it.
pub(super) struct MigrationLock {
    path: PathBuf,
    file: File,
}

impl MigrationLock {
    pub(super) async fn take(database: &Path, limit: Duration) -> Result<Self, Error> {
        let mut path = database.as_os_str().to_owned();
        path.push("-migration");
        let path = PathBuf::from(path);
        let began = Instant::now();
        loop {
            if let Some(lock) = Self::try_take(&path).map_err(sqlx::Error::Io)? {
                return Ok(lock);
            }
            if began.elapsed() >= limit {
                let holder = format!("another process, which has locked {}", path.display());
                return Err(Error::MigrationLocked { waited: began.elapsed(), holder });
            }
            sleep(PAUSE.mul_f64(1.0 + random())).await;
        }
    }

    fn try_take(path: &Path) -> Result<Option<Self>, std::io::Error> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it has removed the file, so this may be one that nobody else finds.
        let mine = file.metadata()?;
        let found = fs::metadata(path).is_ok_and(|found| is_same(&mine, &found));
        Ok(found.then(|| MigrationLock { path: path.to_owned(), file }))
    }
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
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}
