//! A socket that can be made slow, silent or cut short.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The faults of a stream at present.
#[derive(Debug, Default)]
struct State {
    silent: bool,
    /// Bytes per write; `None` for no limit.
    piece: Option<usize>,
    /// True if the last write was a piece, after which there is a pause.
    pause: bool,
    /// Bytes that may still be written before the stream breaks.
    left: Option<usize>,
    /// Tasks that wait for the end of the silence.
    waiting: Vec<Waker>,
}

/// Makes a [`FaultyStream`] slow, silent or cut short.
#[derive(Clone, Debug, Default)]
pub(super) struct Control(Arc<Mutex<State>>);

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.state().silent
    }

    /// Neither reads nor writes until resumed.
    pub(super) fn set_silent(&self, silent: bool) {
        let mut state = self.state();
        state.silent = silent;
        if !silent {
            state.waiting.drain(..).for_each(Waker::wake);
        }
    }

    /// Writes at most this many bytes at a time, and yields in between.
    pub(super) fn set_piece(&self, piece: Option<usize>) {
        self.state().piece = piece;
    }

    /// Breaks after this many more bytes.
    pub(super) fn cut_after(&self, bytes: usize) {
        self.state().left = Some(bytes);
    }
}

/// A stream with the faults of its [`Control`].
#[derive(Debug)]
pub(super) struct FaultyStream<S> {
    inner: S,
    control: Control,
}

impl<S> FaultyStream<S> {
    pub(super) const fn new(inner: S, control: Control) -> Self {
        Self { inner, control }
    }
}

impl State {
    fn is_silent(&mut self, context: &Context<'_>) -> bool {
        if self.silent && !self.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            self.waiting.push(context.waker().clone());
        }
        self.silent
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FaultyStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.control.state().is_silent(context) {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FaultyStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let control = self.control.clone();
        let mut state = control.state();
        if state.is_silent(context) {
            return Poll::Pending;
        }
        if std::mem::take(&mut state.pause) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let most = state.piece.unwrap_or(usize::MAX).min(state.left.unwrap_or(usize::MAX));
        if most == 0 {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        let bytes = bytes.get(..most.min(bytes.len())).unwrap_or_default();
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            state.pause = state.piece.is_some();
            state.left = state.left.map(|left| left.saturating_sub(count));
        }
        written
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.control.state().is_silent(context) {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
