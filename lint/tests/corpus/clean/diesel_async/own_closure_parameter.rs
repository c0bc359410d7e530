// An async closure's own connection parameter has the name of the one that is held outside.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};

use crate::schema::{invitations, packages};

pub struct Invitation {
    pub id: i32,
    pub package: i32,
    pub expired: bool,
}

impl Invitation {
    pub async fn accept(self, conn: &mut AsyncPgConnection) -> Result<(), AcceptError> {
        let package_name = async |conn: &mut AsyncPgConnection| {
            packages::table.find(self.package).select(packages::name).first::<String>(conn).await
        };

        if self.expired {
            return Err(AcceptError::Expired(package_name(conn).await?));
        }

        conn.transaction(|conn| {
            async move {
                diesel::delete(invitations::table.find(self.id)).execute(conn).await?;
                Ok(())
            }
            .scope_boxed()
        })
        .await
    }
}

pub enum AcceptError {
    Expired(String),
    Db(diesel::result::Error),
}
