//! The gateway as a process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A gateway that is ended when it is dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    /// Kept open, as a process that cannot print ends.
    _stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts one and waits for its first screen.
    pub(crate) fn start(program: impl AsRef<Path>, flags: &[&str]) -> Self {
        let mut child =
            command(program, flags).stdout(Stdio::piped()).spawn().expect("the gateway");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut screen = String::new();
        while !screen.contains("metrics  http://") {
            let read = stdout.read_line(&mut screen).expect("text");
            assert!(read > 0, "the gateway has ended:\n{screen}");
        }
        let after = screen.split_once("metrics  http://").expect("it is there").1;
        let address = after.split('/').next().expect("a word").parse().expect("an address");
        Process { child, address, _stdout: stdout }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("kill");
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that starts a gateway on a free port.
pub(crate) fn command(program: impl AsRef<Path>, flags: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(["--listen", "127.0.0.1:0"]).args(flags).env_remove("DATABASE_URL");
    command
}
