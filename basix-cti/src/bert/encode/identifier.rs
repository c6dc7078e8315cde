//! Pids, ports, references, exports and funs.

use super::super::tag;
use super::Encoder;

/// A fun without its captured variables.
pub(crate) struct FunHead<'a> {
    pub(crate) module: &'a str,
    pub(crate) arity: u8,
    pub(crate) code_checksum: &'a [u8; 16],
    pub(crate) index: u32,
    pub(crate) old_index: i32,
    pub(crate) old_uniq: i32,
    /// Node, id, serial and creation.
    pub(crate) pid: (&'a str, u32, u32, u32),
    pub(crate) free_variables: u32,
}

/// The place of the size of an open fun.
pub(crate) struct OpenFun(usize);

impl Encoder {
    pub(crate) fn pid(&mut self, node: &str, id: u32, serial: u32, creation: u32) -> &mut Self {
        self.identifier(tag::NEW_PID, &[], node, &[id, serial, creation])
    }

    // Tag 120 for every port, as OTP 27 writes them; older systems wrote 89 for small numbers.
    pub(crate) fn port(&mut self, node: &str, id: u64, creation: u32) -> &mut Self {
        let (high, low) = ((id >> 32) as u32, id as u32);
        self.identifier(tag::V4_PORT, &[], node, &[high, low, creation])
    }

    /// `words` are one to five.
    pub(crate) fn reference(&mut self, node: &str, creation: u32, words: &[u32]) -> &mut Self {
        let count = (words.len() as u16).to_be_bytes();
        let numbers: Vec<u32> = [creation].iter().chain(words).copied().collect();
        self.identifier(tag::NEWER_REFERENCE, &count, node, &numbers)
    }

    pub(crate) fn export(&mut self, module: &str, function: &str, arity: u8) -> &mut Self {
        self.begin();
        self.out.push(tag::EXPORT);
        self.atom_bytes(module);
        self.atom_bytes(function);
        self.out.extend_from_slice(&[tag::SMALL_INTEGER, arity]);
        self.end();
        self
    }

    /// Writes a fun up to its captured variables, inside [`whole`](Self::whole). Call
    /// [`close_fun`](Self::close_fun) after them.
    pub(crate) fn fun_head(&mut self, fun: &FunHead<'_>) -> OpenFun {
        self.out.push(tag::NEW_FUN);
        let size = OpenFun(self.out.len());
        self.out.extend_from_slice(&[0; 4]);
        self.out.push(fun.arity);
        self.out.extend_from_slice(fun.code_checksum);
        self.out.extend_from_slice(&fun.index.to_be_bytes());
        self.out.extend_from_slice(&fun.free_variables.to_be_bytes());
        self.atom_bytes(fun.module);
        let (node, id, serial, creation) = fun.pid;
        // These are parts of the fun and not terms of the container around it.
        self.uncounted(|encoder| {
            encoder.integer(fun.old_index.into()).integer(fun.old_uniq.into());
            encoder.pid(node, id, serial, creation);
        });
        size
    }

    /// Fills in the size of a fun: from its own four bytes to the end.
    pub(crate) fn close_fun(&mut self, size: OpenFun) {
        self.patch(size.0, (self.out.len() - size.0) as u64);
    }

    fn identifier(&mut self, tag: u8, count: &[u8], node: &str, numbers: &[u32]) -> &mut Self {
        self.begin();
        self.out.push(tag);
        self.out.extend_from_slice(count);
        self.atom_bytes(node);
        numbers.iter().for_each(|number| self.out.extend_from_slice(&number.to_be_bytes()));
        self.end();
        self
    }
}
