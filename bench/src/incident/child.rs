//! Processes of a run, each with a part of it.

use std::io;
use std::path::Path;
use std::process::Stdio;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A process that this one started. It ends when dropped, and when this process ends in any way: its standard input
/// then closes.
pub(super) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    _orders: ChildStdin,
}

impl Process {
    /// Starts `program`.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub(super) fn start(program: &Path, arguments: &[String]) -> io::Result<Process> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().expect("piped above");
        let lines = BufReader::new(child.stdout.take().expect("piped above")).lines();
        Ok(Process { child, lines, _orders: orders })
    }

    /// Reads what the process says next: one JSON value a line.
    ///
    /// # Errors
    /// If it said nothing more, or something else.
    pub(super) async fn hear<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        let line = self.lines.next_line().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// The number that the system knows the process by.
    pub(super) fn pid(&self) -> i32 {
        let pid = self.child.id().expect("nobody waited for its end");
        i32::try_from(pid).expect("a process id")
    }

    /// Ends the process, and waits until it has ended.
    pub(super) async fn end(mut self) {
        // Fails only if the process has ended by itself.
        let _ = self.child.kill().await;
    }
}

/// Tells the process that started this one something.
pub(super) fn say(what: &impl Serialize) {
    println!("{}", serde_json::to_string(what).expect("no map with other keys than strings"));
}

/// Waits until the process that started this one has ended.
pub(super) async fn orphaned() {
    let mut buffer = [0; 64];
    let mut input = tokio::io::stdin();
    while matches!(input.read(&mut buffer).await, Ok(1..)) {}
}
