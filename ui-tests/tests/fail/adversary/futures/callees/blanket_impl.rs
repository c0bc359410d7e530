// A method that all futures have, and that is leased.
#![allow(refining_impl_trait)]
use shortlease::leased;
use shortlease_ui_tests::remote;

trait Checked: Future + Sized {
    fn checked(self) -> impl Future<Output = Self::Output>;
}

impl<F: Future> Checked for F {
    #[leased]
    async fn checked(self) -> F::Output {
        self.await
    }
}

async fn wait() -> String {
    remote().checked().await
}

fn main() {}
