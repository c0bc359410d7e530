// A macro begins a transaction by the paths of traits; the index hears of it after the commit.
use miette::Result;
use sea_orm::{ActiveModelTrait, DatabaseConnection, Set};

use crate::entity::word;

macro_rules! open_transaction {
    ($database:expr) => {{
        let begun = sea_orm::TransactionTrait::begin($database).await;
        let diagnosed = miette::IntoDiagnostic::into_diagnostic(begun);
        miette::Context::wrap_err(diagnosed, "cannot begin")
    }};
}

pub async fn add(db: &DatabaseConnection, http: &reqwest::Client, text: String) -> Result<()> {
    let transaction = open_transaction!(db)?;
    let row = word::ActiveModel { text: Set(text.clone()), ..Default::default() };
    let saved = row.insert(&transaction).await.map_err(broken)?;
    transaction.commit().await.map_err(broken)?;
    http.post("http://index/words").body(saved.text).send().await.map_err(broken)?;
    Ok(())
}

fn broken(error: impl std::error::Error) -> miette::Report {
    miette::miette!("{error}")
}
