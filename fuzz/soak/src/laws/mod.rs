//! The laws, a file for each crate, and for each bridge.

pub mod basix;
pub mod bridge;
pub mod module_script;
pub mod pbx;
pub mod push;
pub mod spool;
pub mod ucom;
pub mod voip;

/// Runs a future that needs no runtime.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("the future waits for something"),
    }
}
