use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(not(unix))]
use tokio::signal::windows::{CtrlC, ctrl_c};

/// The signals that tell a process to end: SIGTERM and SIGINT; elsewhere than on Unix Ctrl-C. The process survives them from
/// [`listen`](Signals::listen) on.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(not(unix))]
    ctrl_c: CtrlC,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Signals { terminate, interrupt })
    }

    /// Waits for one that came since the last, or since they were listened to.
    ///
    /// # Cancel safety
    ///
    /// Safe: none is lost.
    pub(super) async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        Ok(Signals { ctrl_c: ctrl_c()? })
    }

    pub(super) async fn told(&mut self) {
        self.ctrl_c.recv().await;
    }
}
