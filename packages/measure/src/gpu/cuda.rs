//! The few calls of NVIDIA's CUDA driver that loads on a card need. The driver is loaded at run time: a machine without it is no error.
//!
//! The only unsafe code of the suite: there is no other way to call a C library. What this module offers is safe: handles are made here
//! and outlive their use, sizes are checked before each call, and the kernels are the three in `kernels.ptx`, which keep within what they
//! are given.
#![allow(unsafe_code)]

mod card;

use std::ffi::{c_char, c_int, c_uint, c_void, CStr, OsStr};
use std::time::Instant;

use libloading::Library;

pub use card::{Card, Memory, THREADS_A_BLOCK};

/// Name of the driver's library.
pub const LIBRARY: &str = "libcuda.so.1";
const OUT_OF_MEMORY: c_int = 2;

/// Why a card could not be put to work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("there is no NVIDIA CUDA driver (libcuda.so.1) on this machine")]
    NoDriver,
    #[error("the CUDA driver lacks {0}")]
    Lacks(&'static str),
    #[error("{call}: {name}")]
    Refused {
        call: &'static str,
        code: c_int,
        name: String,
    },
    #[error("the CUDA driver does not list this card; it may be hidden from this program (CUDA_VISIBLE_DEVICES)")]
    NotListed,
    #[error("the card did not finish in time")]
    Late,
    #[error("the driver's clock gave no time")]
    NoTime,
    #[error("{0}")]
    Wrong(String),
}

impl Trouble {
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Trouble::Refused { code, .. } if *code == OUT_OF_MEMORY)
    }
}

type Handle = *mut c_void;
type Address = u64;

/// The driver's functions by name, with their arguments.
macro_rules! calls {
    ($($name:ident = $symbol:literal($($argument:ty),*);)*) => {
        struct Calls { $($name: unsafe extern "system" fn($($argument),*) -> c_int,)* }

        impl Calls {
            fn of(library: &Library) -> Result<Self, Trouble> {
                // Safety: the types are those of cuda.h.
                Ok(Calls { $($name: unsafe {
                    *library.get($symbol.as_bytes()).map_err(|_| Trouble::Lacks($symbol))?
                },)* })
            }
        }
    };
}

calls! {
    init = "cuInit"(c_uint);
    error_name = "cuGetErrorName"(c_int, *mut *const c_char);
    device_count = "cuDeviceGetCount"(*mut c_int);
    device = "cuDeviceGet"(*mut c_int, c_int);
    device_uuid = "cuDeviceGetUuid_v2"(*mut [u8; 16], c_int);
    device_attribute = "cuDeviceGetAttribute"(*mut c_int, c_int, c_int);
    context_retain = "cuDevicePrimaryCtxRetain"(*mut Handle, c_int);
    context_release = "cuDevicePrimaryCtxRelease_v2"(c_int);
    context_set = "cuCtxSetCurrent"(Handle);
    module_load = "cuModuleLoadData"(*mut Handle, *const c_void);
    module_unload = "cuModuleUnload"(Handle);
    module_function = "cuModuleGetFunction"(*mut Handle, Handle, *const c_char);
    memory_info = "cuMemGetInfo_v2"(*mut usize, *mut usize);
    allocate = "cuMemAlloc_v2"(*mut Address, usize);
    free = "cuMemFree_v2"(Address);
    set = "cuMemsetD32_v2"(Address, c_uint, usize);
    copy = "cuMemcpyDtoD_v2"(Address, Address, usize);
    read = "cuMemcpyDtoH_v2"(*mut c_void, Address, usize);
    launch = "cuLaunchKernel"(Handle, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Handle, *mut *mut c_void, *mut *mut c_void);
    event_create = "cuEventCreate"(*mut Handle, c_uint);
    event_record = "cuEventRecord"(Handle, Handle);
    event_query = "cuEventQuery"(Handle);
    event_elapsed = "cuEventElapsedTime"(*mut f32, Handle, Handle);
    event_destroy = "cuEventDestroy_v2"(Handle);
}

/// The driver, started.
pub struct Cuda {
    calls: Calls,
    /// The functions are in it.
    _library: Library,
}

impl Cuda {
    pub fn open(file: &OsStr) -> Result<Self, Trouble> {
        // Safety: the driver's library may run code as it is loaded, as does every program on CUDA.
        let library = unsafe { Library::new(file) }.map_err(|_| Trouble::NoDriver)?;
        let cuda = Cuda {
            calls: Calls::of(&library)?,
            _library: library,
        };
        cuda.done("cuInit", unsafe { (cuda.calls.init)(0) })?;
        Ok(cuda)
    }

    /// The card that NVML calls by this UUID, made ready. It must be done with everything before `deadline`.
    pub fn card(&self, uuid: &str, deadline: Instant) -> Result<Card<'_>, Trouble> {
        let mut count = 0;
        self.done("cuDeviceGetCount", unsafe {
            (self.calls.device_count)(&mut count)
        })?;
        for index in 0..count {
            let (mut device, mut id) = (0, [0; 16]);
            self.done("cuDeviceGet", unsafe {
                (self.calls.device)(&mut device, index)
            })?;
            self.done("cuDeviceGetUuid", unsafe {
                (self.calls.device_uuid)(&mut id, device)
            })?;
            if is_same(uuid, &id) {
                return Card::take(self, device, deadline);
            }
        }
        Err(Trouble::NotListed)
    }

    fn done(&self, call: &'static str, code: c_int) -> Result<(), Trouble> {
        if code == 0 {
            return Ok(());
        }
        let mut name = std::ptr::null();
        let known = unsafe { (self.calls.error_name)(code, &mut name) } == 0 && !name.is_null();
        let name = match known {
            // Safety: the driver's names are constants that end with a zero.
            true => unsafe { CStr::from_ptr(name) }
                .to_string_lossy()
                .into_owned(),
            false => format!("error {code}"),
        };
        Err(Trouble::Refused { call, code, name })
    }
}

/// NVML writes `GPU-2f1c0e4a-7f1d-…`, the driver gives the bytes.
fn is_same(uuid: &str, id: &[u8; 16]) -> bool {
    uuid.trim_start_matches("GPU-").replace('-', "") == hex::encode(id)
}
