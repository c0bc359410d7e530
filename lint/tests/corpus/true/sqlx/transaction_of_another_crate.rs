// The repository is derived, and its transaction is a type of another crate; `begin` and `commit` tell what it is.
use sqlx::PgPool;

#[derive(ledger_entity::Repo)]
pub struct Accounts {
    pool: PgPool,
}

pub async fn open_account(
    accounts: &Accounts,
    http: &reqwest::Client,
    name: String,
) -> anyhow::Result<()> {
    let mut op = accounts.begin_op_at(now()).await?;
    let account = accounts.create_in_op(&mut op, name).await?;
    http.post("http://audit").body(account.to_string()).send().await?; //~ SA001
    op.commit().await?;
    http.post("http://opened").send().await?;
    Ok(())
}
