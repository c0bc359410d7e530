// A connection extractor stands in an axum handler that also calls an e-mail service.
use axum::{
    extract::{FromRef, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8};

use crate::schema::users;

type Pool = bb8::Pool<AsyncPgConnection>;

struct Db(bb8::PooledConnection<'static, AsyncPgConnection>);

impl<S> FromRequestParts<S> for Db
where
    S: Send + Sync,
    Pool: FromRef<S>,
{
    type Rejection = (StatusCode, String);

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let pool = Pool::from_ref(state);
        let conn = pool.get_owned().await.map_err(failure)?;
        Ok(Self(conn))
    }
}

async fn reset_password(
    Path(user): Path<i32>,
    State(mail): State<MailApi>,
    Db(mut conn): Db,
) -> Result<StatusCode, (StatusCode, String)> {
    let address: String =
        users::table.find(user).select(users::email).first(&mut conn).await.map_err(failure)?;
    mail.send_reset(&address).await.map_err(failure)?; //~ SA006
    Ok(StatusCode::NO_CONTENT)
}

fn failure<E: std::error::Error>(error: E) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

#[derive(Clone)]
struct MailApi(reqwest::Client);

impl MailApi {
    async fn send_reset(&self, address: &str) -> reqwest::Result<()> {
        self.0.post("http://mail/reset").body(address.to_owned()).send().await?;
        Ok(())
    }
}
