//! A server in a process of its own, as an MCP client starts it.

use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use shortlease_tests::wait::LIMIT;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// A process that serves over its standard input and output, or has a child that does.
pub(crate) struct StdioServer {
    process: Child,
    pub(crate) stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
}

pub(crate) fn server(database: &str) -> Command {
    let mut command = Command::new(SERVER);
    command.env("DATABASE_URL", database).kill_on_drop(true);
    command
}

impl StdioServer {
    pub(crate) fn start(database: &str) -> StdioServer {
        let mut command = server(database);
        command.arg("stdio");
        Self::spawn(command)
    }

    /// Starts the server by a shell, which is then its parent.
    pub(crate) fn start_by_shell(database: &str) -> StdioServer {
        let mut command = Command::new("/bin/sh");
        // A shell gives its background commands an empty input otherwise.
        command.args(["-c", r#"exec 3<&0; "$0" stdio <&3 & wait"#, SERVER]);
        command.env("DATABASE_URL", database).kill_on_drop(true);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> StdioServer {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the server");
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().expect("piped")).lines();
        StdioServer { process, stdin, stdout }
    }

    async fn send(&mut self, message: Value) {
        let stdin = self.stdin.as_mut().expect("open");
        stdin.write_all(format!("{message}\n").as_bytes()).await.expect("the server reads");
    }

    async fn receive(&mut self) -> Value {
        let line = timeout(LIMIT, self.stdout.next_line()).await.expect("an answer in time");
        serde_json::from_str(&line.expect("text").expect("an answer")).expect("JSON")
    }

    pub(crate) async fn initialize(&mut self) -> Value {
        let info = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info });
        self.send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }))
            .await;
        let answer = self.receive().await;
        self.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        answer
    }

    /// Sends a request and returns its result.
    pub(crate) async fn request(&mut self, method: &str) -> Value {
        self.send(json!({ "jsonrpc": "2.0", "id": 1, "method": method })).await;
        self.receive().await["result"].take()
    }

    /// Sends the call of a tool and does not wait for its result.
    pub(crate) async fn begin(&mut self, tool: &str) {
        let params = json!({ "name": tool, "arguments": { "text": tool } });
        self.send(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params }))
            .await;
    }

    pub(crate) async fn call(&mut self, tool: &str) -> Value {
        self.begin(tool).await;
        self.receive().await["result"].take()
    }

    /// Waits until the server has closed its output, as it does by its end.
    pub(crate) async fn gone(&mut self) {
        let closed = async { while self.stdout.next_line().await.expect("text").is_some() {} };
        timeout(LIMIT, closed).await.expect("an end in time");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(&self.process, signal);
    }

    pub(crate) async fn status(&mut self) -> ExitStatus {
        timeout(LIMIT, self.process.wait()).await.expect("an end in time").expect("our own child")
    }
}

pub(crate) fn send_signal(process: &Child, signal: Signal) {
    let pid = process.id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("it runs");
    kill_process(pid, signal).expect("it is ours");
}
