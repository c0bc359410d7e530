use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::pin;
use std::task::Poll;

use rmcp::ErrorData;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::CallToolResponse;
use tokio_util::sync::CancellationToken;

use crate::lease::uncut::{self, UncutParts};

/// The tools of a server, whose calls are dropped when they are cancelled. See [`drop_cancelled`].
pub struct DropCancelled<S>(ToolRouter<S>);

/// Returns the router for `#[tool_handler(router = drop_cancelled(Self::tool_router()))]`: a call whose client is gone
/// or has cancelled it is dropped, as by [`run_until_cancelled`].
#[must_use]
pub fn drop_cancelled<S>(router: ToolRouter<S>) -> DropCancelled<S> {
    DropCancelled(router)
}

impl<S: Send + Sync + 'static> DropCancelled<S> {
    /// Calls a tool, until the call is cancelled.
    ///
    /// # Errors
    ///
    /// As the tool, and an error that nobody receives if the call was cancelled.
    ///
    /// # Cancel safety
    ///
    /// As safe as the tool.
    pub async fn call(
        &self,
        context: ToolCallContext<'_, S>,
    ) -> Result<CallToolResponse, ErrorData> {
        let cancelled = context.request_context.ct.clone();
        run_until_cancelled(cancelled, self.0.call(context)).await
    }
}

impl<S> Deref for DropCancelled<S> {
    type Target = ToolRouter<S>;

    fn deref(&self) -> &ToolRouter<S> {
        &self.0
    }
}

impl<S> fmt::Debug for DropCancelled<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DropCancelled").field(&self.0).finish()
    }
}

/// Runs a call until its token is cancelled, and then drops it: its lease ends, and its statement is cancelled on the
/// server.
///
/// A COMMIT that is under way ends first, and so do the parts that the call names with [`uncut()`]. For prompts, resources
/// and a `call_tool` written by hand; for the tools of a router there is [`drop_cancelled`]. One may stand in another.
///
/// # Errors
///
/// As the call, and an error that nobody receives if it was cancelled.
///
/// # Cancel safety
///
/// As safe as the call.
pub async fn run_until_cancelled<T>(
    cancelled: CancellationToken,
    call: impl Future<Output = Result<T, ErrorData>>,
) -> Result<T, ErrorData> {
    let parts = UncutParts::of_new_call();
    let mut call = pin!(parts.scope(call));
    let mut cancelled = pin!(cancelled.cancelled_owned());
    let mut is_cancelled = false;
    poll_fn(|cx| {
        if let Poll::Ready(result) = call.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        let newly = !is_cancelled && cancelled.as_mut().poll(cx).is_ready();
        is_cancelled |= newly;
        if !is_cancelled {
            return Poll::Pending;
        }
        let uncut = parts.names();
        if uncut.is_empty() {
            return Poll::Ready(Err(ErrorData::internal_error("the call was cancelled", None)));
        }
        if newly {
            tracing::debug!(?uncut, "a cancelled call goes on until this has ended");
        }
        Poll::Pending
    })
    .await
}

/// Runs a part of a call that is not cut if the call is cancelled. `name` says what it is, for the log.
///
/// It does not protect the part from anything else that drops it, such as a `timeout` in the handler. Outside of
/// [`drop_cancelled`] and [`run_until_cancelled`] it does nothing.
///
/// ```
/// # use shortlease::{Db, Error, Sqlite, handler};
/// # async fn pay() -> String { String::new() }
/// #[handler]
/// async fn order(db: &Db<Sqlite>) -> Result<(), Error> {
///     shortlease::rmcp::uncut("the payment and its record", async {
///         let receipt = pay().await;
///         let insert = sqlx::query("INSERT INTO receipts VALUES ($1)").bind(receipt);
///         db.session().execute(insert).await
///     })
///     .await?;
///     Ok(())
/// }
/// ```
///
/// # Cancel safety
///
/// As safe as the part.
pub async fn uncut<T>(name: &'static str, part: impl Future<Output = T>) -> T {
    let _part = uncut::begin(name);
    part.await
}
