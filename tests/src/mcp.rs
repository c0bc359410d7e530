//! An MCP server whose tools lease, written as users write them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, PromptMessage, Role};
use rmcp::{ErrorData, ServerHandler, prompt, prompt_handler, prompt_router, schemars, tool};
use rmcp::{tool_handler, tool_router};
use shortlease::rmcp::{ToolError, drop_cancelled, tool_result, uncut};
use shortlease::{Db, Error, Postgres, handler};
use tokio::sync::Semaphore;

/// The tables of [`Tools`]. The COMMIT of a row in `guarded` waits for the advisory lock 1.
pub const SCHEMA: &str = "
    CREATE TABLE records (text text);
    CREATE TABLE guarded (text text);
    CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON guarded DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_for_lock();";

/// Something remote, which answers when it is told to.
#[derive(Debug)]
pub struct Backend {
    calls: AtomicUsize,
    answers: Semaphore,
}

/// A call under way.
struct BackendCall<'b>(&'b Backend);

impl Backend {
    async fn call(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let _call = BackendCall(self);
        self.answers.acquire().await.expect("never closed").forget();
    }

    /// Lets one call end.
    pub fn answer(&self) {
        self.answers.add_permits(1);
    }

    /// The number of calls under way.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Default for Backend {
    fn default() -> Self {
        Backend { calls: AtomicUsize::new(0), answers: Semaphore::new(0) }
    }
}

impl Drop for BackendCall<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The text to write.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[expect(missing_docs, reason = "its documentation would be part of the schema")]
pub struct Record {
    pub text: String,
}

/// The server.
#[derive(Clone)]
pub struct Tools {
    db: Db<Postgres>,
    backend: Arc<Backend>,
    prompt_router: PromptRouter<Self>,
}

impl Tools {
    /// Makes a server of a database that has the [`SCHEMA`].
    #[must_use]
    pub fn new(db: Db<Postgres>, backend: Arc<Backend>) -> Self {
        Tools { db, backend, prompt_router: Self::prompt_router() }
    }

    #[handler]
    async fn insert(&self, text: &str) -> Result<(), Error> {
        let insert = sqlx::query("INSERT INTO records VALUES ($1)").bind(text);
        self.db.session().execute(insert).await?;
        Ok(())
    }
}

#[tool_router]
impl Tools {
    /// Writes a record.
    #[handler]
    #[tool]
    async fn record(
        &self,
        Parameters(Record { text }): Parameters<Record>,
    ) -> Result<String, Error> {
        self.insert(&text).await?;
        Ok(text)
    }

    /// Counts the records.
    #[handler]
    #[tool]
    async fn count(&self) -> Result<String, Error> {
        let count = sqlx::query_scalar("SELECT count(*)::text FROM records");
        self.db.session().fetch_one(count).await
    }

    /// Writes a record and does not come to its end.
    #[handler]
    #[tool]
    async fn hold(&self, Parameters(Record { text }): Parameters<Record>) -> Result<String, Error> {
        let mut db = self.db.session();
        db.transaction(async |tx| {
            sqlx::query("INSERT INTO records VALUES ($1)").bind(&text).execute(tx).await?;
            sqlx::query("SELECT pg_sleep(600)").execute(tx).await?;
            Ok(text)
        })
        .await
    }

    /// Writes a record whose COMMIT takes its time.
    #[handler]
    #[tool]
    async fn guard(
        &self,
        Parameters(Record { text }): Parameters<Record>,
    ) -> Result<String, Error> {
        let mut db = self.db.session();
        db.transaction(async |tx| {
            sqlx::query("INSERT INTO guarded VALUES ($1)").bind(&text).execute(tx).await?;
            Ok(text)
        })
        .await
    }

    /// Asks the backend, then writes a record.
    #[handler]
    #[tool]
    async fn ask(&self, Parameters(Record { text }): Parameters<Record>) -> Result<String, Error> {
        self.backend.call().await;
        self.insert(&text).await?;
        Ok(text)
    }

    /// Asks the backend, then writes a record: both, or neither.
    #[handler]
    #[tool]
    async fn pay(&self, Parameters(Record { text }): Parameters<Record>) -> Result<String, Error> {
        uncut("the payment and its record", async {
            self.backend.call().await;
            self.insert(&text).await
        })
        .await?;
        Ok(text)
    }

    /// Reads what is not there.
    #[handler]
    #[tool]
    async fn broken(&self) -> Result<CallToolResult, ToolError> {
        let secret = sqlx::query_scalar::<_, String>("SELECT password FROM hidden_table");
        let secret = self.db.session().fetch_one(secret).await?;
        Ok(CallToolResult::success(vec![ContentBlock::text(secret)]))
    }

    /// Reads what is not there, by rmcp's own types.
    #[tool]
    async fn broken_by_hand(&self) -> Result<CallToolResult, ErrorData> {
        tool_result(self.broken().await)
    }

    /// Refuses its arguments.
    #[tool]
    async fn strict(&self) -> Result<CallToolResult, ToolError> {
        Err(ErrorData::invalid_params("nothing pleases", None).into())
    }
}

#[allow(missing_docs, reason = "of what rmcp adds")]
#[prompt_router]
impl Tools {
    /// Says how many records there are.
    #[handler(error = Error)]
    #[prompt]
    async fn summary(&self) -> Result<Vec<PromptMessage>, ErrorData> {
        let mut db = self.db.session();
        let count: String = db
            .lease(async |conn| {
                sqlx::query_scalar("SELECT count(*)::text FROM records").fetch_one(conn).await
            })
            .await
            .map_err(Error::into_error_data)?;
        Ok(vec![PromptMessage::new_text(Role::User, format!("There are {count} records."))])
    }
}

#[tool_handler(router = drop_cancelled(Self::tool_router()))]
#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for Tools {}
