// A catalogue is generic over its transaction type, which a trait begins, and storage is written inside it.
use sqlx::{PgPool, Postgres};

#[async_trait::async_trait]
pub trait Transaction: Sized + Send {
    type State: Clone + Send + Sync;
    type Raw<'a>: Send
    where
        Self: 'a;

    async fn begin_write(state: Self::State) -> anyhow::Result<Self>;
    async fn commit(self) -> anyhow::Result<()>;
    fn transaction(&mut self) -> Self::Raw<'_>;
}

#[async_trait::async_trait]
pub trait Catalog: Send + Sync {
    type Tx: Transaction<State = Self::State>;
    type State: Clone + Send + Sync;

    async fn insert_table<'a>(
        name: &str,
        tx: <Self::Tx as Transaction>::Raw<'a>,
    ) -> anyhow::Result<String>;
}

pub struct PgTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
}

#[async_trait::async_trait]
impl Transaction for PgTransaction {
    type State = PgPool;
    type Raw<'a> = &'a mut sqlx::Transaction<'static, Postgres>;

    async fn begin_write(state: PgPool) -> anyhow::Result<Self> {
        Ok(Self { inner: state.begin().await? })
    }

    async fn commit(self) -> anyhow::Result<()> {
        Ok(self.inner.commit().await?)
    }

    fn transaction(&mut self) -> Self::Raw<'_> {
        &mut self.inner
    }
}

pub async fn create_table<C: Catalog>(
    state: C::State,
    files: &FileIo,
    name: &str,
) -> anyhow::Result<()> {
    let mut t = C::Tx::begin_write(state).await?;
    let location = C::insert_table(name, t.transaction()).await?;
    files.write(&location, b"{}").await?; //~ SA001
    t.commit().await?;
    Ok(())
}

pub struct FileIo(reqwest::Client);

impl FileIo {
    pub async fn write(&self, location: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.0.put(location).body(bytes.to_vec()).send().await?;
        Ok(())
    }
}
