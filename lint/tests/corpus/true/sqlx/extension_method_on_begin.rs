// A transaction that went through an extension trait of the code base is held over a call.
use sqlx::PgPool;

pub trait IntoApi<T> {
    fn into_api(self, hint: &str) -> Result<T, ApiError>;
}

impl<T, E: std::fmt::Display> IntoApi<T> for Result<T, E> {
    fn into_api(self, hint: &str) -> Result<T, ApiError> {
        self.map_err(|error| ApiError(format!("{hint}: {error}")))
    }
}

pub struct ApiError(String);

pub async fn reissue(pool: &PgPool, ca: &CaApi, serial: i64) -> Result<(), ApiError> {
    let mut txn = pool.begin().await.into_api("begin")?;
    let csr: String = sqlx::query_scalar("SELECT csr FROM certificates WHERE serial = $1")
        .bind(serial)
        .fetch_one(&mut *txn)
        .await
        .into_api("load")?;
    let pem = ca.sign(&csr).await.into_api("sign")?; //~ SA001
    sqlx::query("UPDATE certificates SET pem = $1 WHERE serial = $2")
        .bind(pem)
        .bind(serial)
        .execute(&mut *txn)
        .await
        .into_api("store")?;
    txn.commit().await.into_api("commit")
}

pub struct CaApi(reqwest::Client);

impl CaApi {
    pub async fn sign(&self, csr: &str) -> reqwest::Result<String> {
        self.0.post("http://ca").body(csr.to_owned()).send().await?.text().await
    }
}
