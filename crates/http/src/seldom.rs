//! A future beside a busy one, polled only when it was woken itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

/// Polls its future when that has something to say, not whenever the task around it runs: waiting
/// for a stop or a timer then costs a request nothing. It stays in the task that polls it first.
pub(crate) struct Seldom<F> {
    future: Pin<Box<F>>,
    bell: Arc<Bell>,
    waker: Waker,
}

struct Bell {
    rung: AtomicBool,
    task: OnceLock<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Bell>) {
        self.rung.store(true, Ordering::Release);
        if let Some(task) = self.task.get() {
            task.wake_by_ref();
        }
    }
}

impl<F: Future> Seldom<F> {
    pub(crate) fn new(future: F) -> Seldom<F> {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), task: OnceLock::new() });
        Seldom { future: Box::pin(future), waker: Waker::from(Arc::clone(&bell)), bell }
    }
}

impl<F: Future> Future for Seldom<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Seldom<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // A plain look first: it is a read of memory that nobody writes.
        if !self.bell.rung.load(Ordering::Relaxed) || !self.bell.rung.swap(false, Ordering::Acquire)
        {
            return Poll::Pending;
        }
        self.bell.task.get_or_init(|| cx.waker().clone());
        let seldom = &mut *self;
        seldom.future.as_mut().poll(&mut Context::from_waker(&seldom.waker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_polled_when_woken_and_only_then() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<u8>(1);
        let mut polls = 0;
        let mut seldom = Seldom::new(std::future::poll_fn(|cx| {
            polls += 1;
            receiver.poll_recv(cx)
        }));
        for _ in 0..100 {
            let pending = std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut seldom).poll(cx)));
            assert!(pending.await.is_pending());
        }
        sender.send(7).await.unwrap();
        assert_eq!(seldom.await, Some(7));
        assert_eq!(polls, 2);
    }
}
