//! Recorded connections: messages with their times, in a file.

mod event;
mod reader;
mod recorder;
mod replay;

pub use event::{Recorded, RecordedEvent};
pub use reader::{Recording, RecordingError};
pub use recorder::Recorder;
pub use replay::Replay;
