//! A card at work, its memory and its clock.

use std::cell::Cell;
use std::ffi::{c_int, c_void, CStr};
use std::ptr::null_mut;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Address, Cuda, Handle, Trouble};

/// Kernels as text, ended by a zero as the driver wants it.
const KERNELS: &str = concat!(include_str!("../kernels.ptx"), "\0");
/// `CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT`.
const PROCESSORS: c_int = 16;
const NOT_READY: c_int = 600;
/// How often a running load is looked at. How long it takes is told by the card's own clock.
const LOOK: Duration = Duration::from_micros(200);
pub const THREADS_A_BLOCK: u32 = 256;

/// A card with a context on this thread and the kernels loaded.
pub struct Card<'a> {
    cuda: &'a Cuda,
    device: c_int,
    module: Handle,
    deadline: Instant,
    /// It did not finish: whatever waits for it would wait for ever.
    is_stuck: Cell<bool>,
}

impl<'a> Card<'a> {
    pub(super) fn take(cuda: &'a Cuda, device: c_int, deadline: Instant) -> Result<Self, Trouble> {
        let calls = &cuda.calls;
        let mut context = null_mut();
        cuda.done("cuDevicePrimaryCtxRetain", unsafe {
            (calls.context_retain)(&mut context, device)
        })?;
        // From here on the context is given back when the card is dropped.
        let mut card = Card {
            cuda,
            device,
            module: null_mut(),
            deadline,
            is_stuck: Cell::new(false),
        };
        cuda.done("cuCtxSetCurrent", unsafe { (calls.context_set)(context) })?;
        cuda.done("cuModuleLoadData", unsafe {
            (calls.module_load)(&mut card.module, KERNELS.as_ptr().cast())
        })?;
        Ok(card)
    }

    /// Streaming multiprocessors.
    pub fn processors(&self) -> Result<u32, Trouble> {
        let mut count = 0;
        self.cuda.done("cuDeviceGetAttribute", unsafe {
            (self.cuda.calls.device_attribute)(&mut count, PROCESSORS, self.device)
        })?;
        Ok(u32::try_from(count).unwrap_or(1).clamp(1, 1_024))
    }

    /// Bytes that can be had.
    pub fn free(&self) -> Result<u64, Trouble> {
        let (mut free, mut total) = (0, 0);
        self.cuda.done("cuMemGetInfo", unsafe {
            (self.cuda.calls.memory_info)(&mut free, &mut total)
        })?;
        Ok(free as u64)
    }

    pub fn allocate(&self, bytes: usize) -> Result<Memory<'_>, Trouble> {
        if self.is_stuck.get() {
            return Err(Trouble::Late);
        }
        let mut address = 0;
        self.cuda.done("cuMemAlloc", unsafe {
            (self.cuda.calls.allocate)(&mut address, bytes)
        })?;
        Ok(Memory {
            card: self,
            address,
            bytes,
        })
    }

    /// How long `work` takes on the card, by its own clock.
    pub fn time(&self, work: impl FnOnce() -> Result<(), Trouble>) -> Result<Duration, Trouble> {
        let (start, end) = (Event::of(self)?, Event::of(self)?);
        start.record()?;
        work()?;
        end.record()?;
        end.wait()?;
        let mut millis = 0_f32;
        self.cuda.done("cuEventElapsedTime", unsafe {
            (self.cuda.calls.event_elapsed)(&mut millis, start.handle, end.handle)
        })?;
        Duration::try_from_secs_f64(f64::from(millis) / 1_000.0)
            .ok()
            .filter(|time| !time.is_zero())
            .ok_or(Trouble::NoTime)
    }

    /// Writes the pattern of this state to all of the memory.
    pub fn fill(&self, memory: &Memory<'_>, state: u64) -> Result<(), Trouble> {
        let (mut to, mut count, mut state) = (memory.address, memory.words(), state);
        let arguments = [any(&mut to), any(&mut count), any(&mut state)];
        self.launch(c"fill", self.processors()? * 16, arguments)
    }

    /// Adds how many of the first `words` are not as the pattern of this state to the counter.
    pub fn check(
        &self,
        memory: &Memory<'_>,
        words: u64,
        state: u64,
        counter: &Memory<'_>,
    ) -> Result<(), Trouble> {
        let (mut from, mut count) = (memory.address, words.min(memory.words()));
        let (mut state, mut wrong) = (state, counter.address);
        let arguments = [
            any(&mut from),
            any(&mut count),
            any(&mut state),
            any(&mut wrong),
        ];
        self.launch(c"check", self.processors()? * 16, arguments)
    }

    /// Multiplies and adds on as many threads as `sums` has room for, a whole number of blocks.
    pub fn multiply_add(&self, sums: &Memory<'_>, rounds: u32) -> Result<(), Trouble> {
        let blocks = sums.bytes / size_of::<f32>() / THREADS_A_BLOCK as usize;
        let (mut to, mut rounds) = (sums.address, rounds.max(1));
        let blocks = u32::try_from(blocks).unwrap_or(1);
        self.launch(c"multiply_add", blocks, [any(&mut to), any(&mut rounds)])
    }

    fn launch<const N: usize>(
        &self,
        name: &'static CStr,
        blocks: u32,
        mut arguments: [*mut c_void; N],
    ) -> Result<(), Trouble> {
        let calls = &self.cuda.calls;
        let mut kernel = null_mut();
        self.cuda.done("cuModuleGetFunction", unsafe {
            (calls.module_function)(&mut kernel, self.module, name.as_ptr())
        })?;
        // Safety: the arguments are those of the kernel's text; the driver has read them when the call returns.
        self.cuda.done("cuLaunchKernel", unsafe {
            let (stream, extra) = (null_mut(), null_mut());
            let arguments = arguments.as_mut_ptr();
            (calls.launch)(
                kernel,
                blocks,
                1,
                1,
                THREADS_A_BLOCK,
                1,
                1,
                0,
                stream,
                arguments,
                extra,
            )
        })
    }
}

fn any<T>(argument: &mut T) -> *mut c_void {
    std::ptr::from_mut(argument).cast()
}

impl Drop for Card<'_> {
    fn drop(&mut self) {
        if self.is_stuck.get() {
            return;
        }
        // A card that cannot be given back is given back when the program ends.
        unsafe {
            if !self.module.is_null() {
                (self.cuda.calls.module_unload)(self.module);
            }
            (self.cuda.calls.context_release)(self.device);
        }
    }
}

/// Memory of a card.
pub struct Memory<'a> {
    card: &'a Card<'a>,
    address: Address,
    bytes: usize,
}

impl Memory<'_> {
    pub fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    /// Words of 64 bits.
    pub fn words(&self) -> u64 {
        self.bytes() / 8
    }

    pub fn clear(&self) -> Result<(), Trouble> {
        let cuda = self.card.cuda;
        cuda.done("cuMemset", unsafe {
            (cuda.calls.set)(self.address, 0, self.bytes / 4)
        })
    }

    /// Copies its first half over its second.
    pub fn copy_half(&self) -> Result<(), Trouble> {
        let (cuda, half) = (self.card.cuda, self.bytes / 2);
        cuda.done("cuMemcpyDtoD", unsafe {
            (cuda.calls.copy)(self.address.wrapping_add(half as u64), self.address, half)
        })
    }

    /// `N` bytes from `at` on, which must be within it.
    pub fn read<const N: usize>(&self, at: usize) -> Result<[u8; N], Trouble> {
        let mut bytes = [0; N];
        if at.checked_add(N).is_none_or(|end| end > self.bytes) {
            return Err(Trouble::Wrong(format!("no {N} bytes at {at}")));
        }
        let cuda = self.card.cuda;
        cuda.done("cuMemcpyDtoH", unsafe {
            (cuda.calls.read)(
                bytes.as_mut_ptr().cast(),
                self.address.wrapping_add(at as u64),
                N,
            )
        })?;
        Ok(bytes)
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        if !self.card.is_stuck.get() {
            // What cannot be freed goes with the context.
            unsafe { (self.card.cuda.calls.free)(self.address) };
        }
    }
}

/// A mark in what the card does.
struct Event<'a> {
    card: &'a Card<'a>,
    handle: Handle,
}

impl<'a> Event<'a> {
    fn of(card: &'a Card<'a>) -> Result<Self, Trouble> {
        let mut handle = null_mut();
        card.cuda.done("cuEventCreate", unsafe {
            (card.cuda.calls.event_create)(&mut handle, 0)
        })?;
        Ok(Event { card, handle })
    }

    fn record(&self) -> Result<(), Trouble> {
        let cuda = self.card.cuda;
        cuda.done("cuEventRecord", unsafe {
            (cuda.calls.event_record)(self.handle, null_mut())
        })
    }

    /// Until the card has come to it. Looks instead of blocking, so that a card that hangs does not hang the program.
    fn wait(&self) -> Result<(), Trouble> {
        let cuda = self.card.cuda;
        loop {
            match unsafe { (cuda.calls.event_query)(self.handle) } {
                NOT_READY if Instant::now() >= self.card.deadline => {
                    self.card.is_stuck.set(true);
                    return Err(Trouble::Late);
                }
                NOT_READY => sleep(LOOK),
                code => return cuda.done("cuEventQuery", code),
            }
        }
    }
}

impl Drop for Event<'_> {
    fn drop(&mut self) {
        // An event that cannot be destroyed goes with the context.
        unsafe { (self.card.cuda.calls.event_destroy)(self.handle) };
    }
}
