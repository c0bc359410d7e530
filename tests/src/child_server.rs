//! A server process that cannot outlive the test process, however that ends.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::server_dir::ServerDir;
use crate::wait::LIMIT;

/// Runs the program, prints its process id, and exits when the program does. A line on standard input is
/// the signal to end the program with; the end of standard input means that the test process is gone, or
/// no longer interested, so that the directory can go too.
const KEEPER: &str = r#"
directory=$1 signal=$2; shift 2
exec 3<&0 </dev/null
"$@" >&2 3<&- &
program=$!
echo $program
exec >&2
{
    if read -r ordered <&3
    then signal=$ordered
    else touch "$directory/abandoned"
    fi
    kill -s "$signal" $program
} &
reader=$!
exec 3<&-
wait $program
kill $reader
[ ! -e "$directory/abandoned" ] || rm -rf "$directory"
"#;

/// Dropping it ends the program and deletes its [`ServerDir`].
pub(crate) struct ChildServer {
    keeper: Child,
    /// Held only by this process, so the kernel closes it whatever this process dies of.
    orders: Option<ChildStdin>,
    log: PathBuf,
    pub(crate) pid: u32,
}

impl ChildServer {
    /// Starts `program`; `signal` ends it at once when nobody asks for another.
    /// What it prints goes to the file `log` in its home, replacing that of an earlier start.
    pub(crate) fn start<I>(
        home: &ServerDir,
        signal: &str,
        program: impl AsRef<OsStr>,
        arguments: I,
    ) -> ChildServer
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let log = home.path().join("log");
        let mut keeper = home
            .command("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(home.path())
            .arg(signal)
            .arg(program)
            .args(arguments)
            // An interrupt from the terminal is for the test process; the keeper then sees it end.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file"))
            .spawn()
            .expect("/bin/sh");
        let mut pid = String::new();
        let printed = keeper.stdout.take().expect("piped above");
        BufReader::new(printed).read_line(&mut pid).expect("the keeper's answer");
        let pid = pid.trim().parse().expect("the program's process id");
        let orders = keeper.stdin.take();
        ChildServer { keeper, orders, log, pid }
    }

    /// Waits until the program is `ready`; where it ends instead, returns its log.
    ///
    /// # Panics
    /// When neither happens in time.
    pub(crate) fn until(
        mut self,
        ready: impl Fn(&ChildServer) -> bool,
    ) -> Result<ChildServer, String> {
        let deadline = Instant::now() + LIMIT;
        while !ready(&self) {
            if self.keeper.try_wait().expect("our own child").is_some() {
                return Err(self.log());
            }
            assert!(Instant::now() < deadline, "not ready:\n{}", self.log());
            sleep(Duration::from_millis(5));
        }
        Ok(self)
    }

    /// What the program has printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends the program with `signal` and waits for its end; its home stays.
    pub(crate) fn end(mut self, signal: &str) {
        if let Some(orders) = &mut self.orders {
            // Fails only where the program has already ended by itself.
            let _ = writeln!(orders, "{signal}");
        }
        let _ = self.keeper.wait();
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.keeper.wait();
    }
}

/// Runs what blocks on a thread where it may, with the panics of the caller.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
