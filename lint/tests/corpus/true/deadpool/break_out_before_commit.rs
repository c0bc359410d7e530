// A guard clause inside the transaction returns success without ending it.
use deadpool_postgres::{Client, Transaction};

pub async fn redeem(
    client: &mut Client,
    voucher: &str,
    cart: i64,
) -> Result<Redeemed, VoucherError> {
    let tx = client.build_transaction().read_only(false).start().await?; //~ SA005
    tx.execute("UPDATE carts SET tries = tries + 1 WHERE id = $1", &[&cart]).await?;
    let rows = tx.query("SELECT amount, used FROM vouchers WHERE code = $1", &[&voucher]).await?;
    if rows.is_empty() {
        return Ok(Redeemed::Unknown);
    }
    if rows[0].get::<_, bool>("used") {
        tx.rollback().await?;
        return Ok(Redeemed::AlreadyUsed);
    }
    apply(&tx, cart, rows[0].get("amount")).await?;
    tx.commit().await?;
    Ok(Redeemed::Applied)
}

async fn apply(tx: &Transaction<'_>, cart: i64, amount: i64) -> Result<(), VoucherError> {
    tx.execute("UPDATE carts SET discount = $1 WHERE id = $2", &[&amount, &cart]).await?;
    Ok(())
}

pub enum Redeemed {
    Applied,
    AlreadyUsed,
    Unknown,
}
