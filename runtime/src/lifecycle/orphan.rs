/// Waits until the process that started this one has ended. A process without a parent in sight, such as the first
/// of a container, waits for ever, and so does every process elsewhere than on Unix.
///
/// For servers over stdio, which have one client and are started by it. A server over HTTP must not end with the shell
/// or the supervisor that started it.
///
/// Linux tells of the death at once. Elsewhere, and before Linux 5.3, the id of the parent is looked at four
/// times a second: it changes, to that of whichever process adopts orphans.
///
/// # Panics
///
/// Polled outside of a tokio runtime.
///
/// # Cancel safety
///
/// Safe: dropped, the watch has ended.
pub async fn orphan_watch() {
    #[cfg(unix)]
    unix::parent_ended().await;
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}

#[cfg(unix)]
mod unix {
    use std::future::pending;
    use std::time::Duration;

    use rustix::process::{Pid, getppid};
    use tokio::time::sleep;

    const LOOK_EVERY: Duration = Duration::from_millis(250);

    pub(super) async fn parent_ended() {
        let Some(parent) = getppid() else { return pending().await };
        #[cfg(target_os = "linux")]
        if let Ok(pidfd) = pidfd(parent) {
            // It may have ended before it was opened, and its number be another's.
            if getppid() == Some(parent) {
                let _ = pidfd.readable().await;
            }
            return;
        }
        id_changed(parent).await;
    }

    /// Returns what becomes readable when the process ends.
    #[cfg(target_os = "linux")]
    #[allow(deprecated, reason = "its successor is unsafe, and nobody else closes an `OwnedFd`")]
    fn pidfd(process: Pid) -> std::io::Result<tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>> {
        use rustix::process::{PidfdFlags, pidfd_open};
        use tokio::io::Interest;
        use tokio::io::unix::AsyncFd;

        let pidfd = pidfd_open(process, PidfdFlags::empty())?;
        AsyncFd::with_interest(pidfd, Interest::READABLE)
    }

    async fn id_changed(parent: Pid) {
        while getppid() == Some(parent) {
            sleep(LOOK_EVERY).await;
        }
    }

    #[cfg(test)]
    mod tests {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};

        use super::*;

        const IN_CHILD: &str = "SHORTLEASE_IN_CHILD";

        /// The test process starts a shell, which starts the test process again, and is killed.
        #[test]
        fn a_changed_parent_id_is_seen() {
            if std::env::var_os(IN_CHILD).is_some() {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let parent = getppid().unwrap();
                eprintln!("watching");
                runtime.block_on(id_changed(parent));
                eprintln!("orphaned");
                return;
            }
            let name = "lifecycle::orphan::unix::tests::a_changed_parent_id_is_seen";
            let mut shell = Command::new("/bin/sh")
                .args(["-c", r#""$0" --exact --nocapture "$1" & wait"#])
                .arg(std::env::current_exe().unwrap())
                .arg(name)
                .env(IN_CHILD, "1")
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = BufReader::new(shell.stderr.take().unwrap()).lines().map(Result::unwrap);
            assert_eq!(said.next().as_deref(), Some("watching"));
            shell.kill().unwrap();
            shell.wait().unwrap();
            assert_eq!(said.next().as_deref(), Some("orphaned"));
        }
    }
}
