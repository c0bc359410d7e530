// A crate macro begins and commits around its block, and the block calls a remote calendar.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

macro_rules! with_txn {
    ($self:expr, |$txn:ident| $body:expr) => {{
        let $txn = $self.database.begin().await?;
        let outcome: Result<_, EngineError> = $body;
        match outcome {
            Ok(value) => {
                $txn.commit().await?;
                Ok(value)
            }
            Err(error) => Err(error),
        }
    }};
}

pub struct Engine {
    database: DatabaseConnection,
    calendar: Calendar,
}

impl Engine {
    pub async fn move_meeting(&self, meeting: i64, to: &str) -> Result<(), EngineError> {
        with_txn!(self, |txn| {
            txn.execute_unprepared(&format!(
                "UPDATE meetings SET at = '{to}' WHERE id = {meeting}"
            ))
            .await?;
            self.calendar.reschedule(meeting, to).await?; //~ SA001
            Ok(())
        })
    }
}

pub struct Calendar(reqwest::Client);

impl Calendar {
    pub async fn reschedule(&self, meeting: i64, to: &str) -> Result<(), reqwest::Error> {
        self.0.patch(format!("http://calendar/{meeting}")).body(to.to_owned()).send().await?;
        Ok(())
    }
}
