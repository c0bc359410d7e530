// The wrapper of the remote call is a future of the workspace, made by functions that are not async.
use sqlx::PgPool;

pub trait CallContext: Sized {
    fn named(self, method: &'static str) -> NamedCall<Self>;
}

impl<F: Future> CallContext for F {
    fn named(self, method: &'static str) -> NamedCall<Self> {
        NamedCall { inner: self, method, args: Vec::new() }
    }
}

pub struct NamedCall<F> {
    inner: F,
    method: &'static str,
    args: Vec<String>,
}

impl<F> NamedCall<F> {
    pub fn with_arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }
}

pub async fn record_height(pool: &PgPool, node: &impl NodeClient) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let height: i64 = node.block_height().named("height").with_arg("latest").await?; //~ SA001
    sqlx::query("INSERT INTO heights (height) VALUES ($1)").bind(height).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
