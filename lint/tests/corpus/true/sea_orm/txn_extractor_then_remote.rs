// A transaction extractor is held while an address is verified remotely.
use axum::{
    extract::{FromRef, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};

use crate::error::ApiError;

pub struct Txn(pub DatabaseTransaction);

impl<S> FromRequestParts<S> for Txn
where
    DatabaseConnection: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(DatabaseConnection::from_ref(state).begin().await?))
    }
}

pub async fn verify_address(
    Txn(txn): Txn,
    State(post): State<PostApi>,
    Path(customer): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let valid = post.check(customer).await?; //~ SA006
    txn.execute_unprepared(&format!("UPDATE customers SET valid = {valid} WHERE id = {customer}"))
        .await?;
    txn.commit().await?;
    Ok(StatusCode::OK)
}

#[derive(Clone)]
pub struct PostApi(reqwest::Client);

impl PostApi {
    pub async fn check(&self, customer: i64) -> Result<bool, reqwest::Error> {
        self.0.get(format!("http://post/{customer}")).send().await?.json().await
    }
}
