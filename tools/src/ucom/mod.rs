//! Recorded events: as JSON lines, and played through a tracker.

mod directory;
pub mod json_line;
mod play;

pub use directory::read_directory;
pub use play::Player;
