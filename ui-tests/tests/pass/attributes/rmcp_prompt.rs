//! rmcp's `#[prompt]` with `#[handler]` above it.

use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::model::{GetPromptRequestParams, PromptMessage, Role};
use rmcp::{ErrorData, ServerHandler, ServiceExt, prompt, prompt_handler, prompt_router};
use shortlease::{Db, Sqlite, handler};

fn internal(error: shortlease::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

#[derive(Clone)]
struct Server {
    db: Db<Sqlite>,
    prompt_router: PromptRouter<Self>,
}

#[prompt_router]
impl Server {
    /// Greets.
    #[handler(error = shortlease::Error)]
    #[prompt]
    async fn greet(&self) -> Result<Vec<PromptMessage>, ErrorData> {
        let mut db = self.db.session();
        let text: String = db
            .lease(async |conn| sqlx::query_scalar("SELECT 'hello'").fetch_one(conn).await)
            .await
            .map_err(internal)?;
        tokio::task::yield_now().await;
        Ok(vec![PromptMessage::new_text(Role::User, text)])
    }
}

#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for Server {}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let (client, server) = tokio::io::duplex(4096);
    let server = tokio::spawn(async move {
        let handler = Server { db, prompt_router: Server::prompt_router() };
        handler.serve(server).await.unwrap().waiting().await
    });
    let client = ().serve(client).await.unwrap();
    let prompt = client.get_prompt(GetPromptRequestParams::new("greet")).await.unwrap();
    assert!(format!("{:?}", prompt.messages[0].content).contains("hello"));
    client.cancel().await.unwrap();
    server.await.unwrap().unwrap();
}
