use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::FutureExt;
use tokio::time::{Instant, timeout_at};

use super::Pool;
use super::guard::SlotGuard;
use super::queue::{Refusal, SlotRequest, WaiterId};
use super::slot::{Clean, LiveConn};
use super::state::WaitingFor;
use crate::Backend;
use crate::error::{Busy, Error, WaitPhase};
use crate::lease_info::Tenant;
use crate::telemetry::GaugeGuard;

/// A usable connection, and its slot.
type CheckedOut<DB> = (SlotGuard<DB>, Clean<LiveConn<DB>>);

impl<DB: Backend> Pool<DB> {
    /// Takes a usable connection, and the permit to write if the lease `writes` and there is one writer.
    /// Waits for them until `deadline`.
    ///
    /// # Cancel safety
    ///
    /// Safe: the place in the queue is given up. A connect that has begun goes on.
    pub(crate) async fn checkout(
        self: &Arc<Self>,
        since: Instant,
        deadline: Instant,
        tenant: &Tenant,
        writes: bool,
        has_begun: bool,
    ) -> Result<CheckedOut<DB>, Error> {
        let writes = DB::ONE_WRITER && writes;
        let (unmaintained, idle) =
            self.update(|state| (state.start_maintenance(), state.check_out_now(writes, since)));
        if unmaintained {
            self.start_maintenance();
        }
        if let Some((slot, connection)) = idle {
            return Ok((SlotGuard::new(self, slot), connection));
        }
        // Without a target, all are served in the order in which they came.
        let has_begun = has_begun && self.settings.queue_target.is_some();
        let request = SlotRequest { tenant: tenant.clone(), writes, has_begun, since, deadline };
        let _pending = GaugeGuard::new(&self.telemetry.meters().pending);
        let mut checkout = Checkout { pool: self, request, id: None };
        // Boxed, so that those who need not wait have a small future to move.
        match timeout_at(deadline, checkout.run()).boxed().await {
            Ok(Ok(checked_out)) => Ok(checked_out),
            Ok(Err(Refusal::Closed)) => Err(Error::Closed),
            Ok(Err(Refusal::ConnectFailed(error))) => Err(error),
            Ok(Err(Refusal::Overloaded { by_writers })) => {
                let phase = if by_writers { WaitPhase::WriteLock } else { WaitPhase::Queue };
                Err(self.busy(phase, "queue_target", since, None).into())
            }
            Err(_) => {
                let phase = checkout.phase();
                drop(checkout);
                Err(self.busy(phase, Busy::ACQUIRE_TIMEOUT, since, None).into())
            }
        }
    }
}

/// A request for a connection, in the queue from its first poll. A drop takes it out of the queue.
struct Checkout<'p, DB: Backend> {
    pool: &'p Arc<Pool<DB>>,
    request: SlotRequest,
    id: Option<WaiterId>,
}

impl<DB: Backend> Checkout<'_, DB> {
    async fn run(&mut self) -> Result<CheckedOut<DB>, Refusal<Error>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<CheckedOut<DB>, Refusal<Error>>> {
        let now = Instant::now();
        let (queued, request) = (self.id, &self.request);
        let (id, answer) = self.pool.update(|state| {
            let Some(id) = queued.or_else(|| state.enqueue(request.clone(), now)) else {
                return (None, Poll::Ready(Err(Refusal::Closed)));
            };
            (Some(id), state.poll(id, cx.waker(), now))
        });
        self.id = id.filter(|_| answer.is_pending());
        answer.map_ok(|(slot, connection)| (SlotGuard::new(self.pool, slot), connection))
    }

    /// The thing that it waits for.
    fn phase(&self) -> WaitPhase {
        let state = self.pool.state();
        let Some(id) = self.id else { return WaitPhase::Queue };
        let shared = self.pool.shared_pool.is_some();
        match state.waiting_for(id, self.request.writes) {
            WaitingFor::PermitToWrite => WaitPhase::WriteLock,
            // Those who have the slots have no connections yet.
            _ if shared && state.leased() < self.pool.settings.max_connections => {
                WaitPhase::SharedPool
            }
            WaitingFor::Slot
                if state.connect_error().is_some()
                    && state.leased() < self.pool.settings.max_connections =>
            {
                WaitPhase::Connect
            }
            WaitingFor::Slot => WaitPhase::Queue,
            WaitingFor::Validation => WaitPhase::Validate,
            WaitingFor::Connect => WaitPhase::Connect,
        }
    }
}

impl<DB: Backend> Drop for Checkout<'_, DB> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.pool.update(|state| state.leave(id, Instant::now()));
        }
    }
}
