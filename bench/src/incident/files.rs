//! The open files of a process, which are what many users need most of.

use std::io;

use rlimit::Resource;

/// Files that a process has beside the connections of its users and to the backend.
const OTHERS: u64 = 1_000;

/// Lets this process, and those that it starts, open many files: as many as it may.
///
/// # Errors
/// If the limit cannot be read.
pub fn raise_limit() -> io::Result<()> {
    const FILES: u64 = 1 << 17;
    // Only an administrator may raise what is the most for others.
    match rlimit::setrlimit(Resource::NOFILE, FILES, FILES) {
        Ok(()) => Ok(()),
        Err(_) => rlimit::increase_nofile_limit(FILES).map(drop),
    }
}

/// Returns how many servers so many users need at the least: each user has a connection to one, which has another to
/// the backend.
///
/// # Errors
/// The users themselves, who are one process, or the backend, which is another, need more files than one may have.
pub(super) fn servers(users: u64) -> io::Result<u32> {
    let (limit, _) = rlimit::getrlimit(Resource::NOFILE)?;
    let files = limit.saturating_sub(OTHERS);
    if users > files {
        let least = users + OTHERS;
        return Err(io::Error::other(format!(
            "{users} users need {least} open files in one process, and the limit is {limit}: raise it with `ulimit -n {least}`"
        )));
    }
    Ok(u32::try_from((2 * users).div_ceil(files)).unwrap_or(u32::MAX))
}
