/* A card that is not there: as much of NVIDIA's CUDA driver and management library as Leasehold calls, on main memory. Its clock tells the
 * time that a card of known speed would take, so that the figures can be compared. What it is made to do wrong is chosen with -D when it is
 * built; see packages/measure/src/gpu/speed/tests.rs. The kernels are those of kernels.ptx, in C. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MEMORY_MIB
#define MEMORY_MIB 600
#endif
#define MIB ((size_t)1 << 20)
#define MEMORY (MEMORY_MIB * MIB)
#define BASE 0x700000000000ull /* where the card's memory begins: not where main memory is */
#define GFLOPS 20.5
#define MIB_A_MS 100.0

static const unsigned char uuid[16] = {0x2f, 0x1c, 0x0e, 0x4a, 0x7f, 0x1d, 0x4a, 0x55, 0x8c, 0x3e, 0x3f, 0x6f, 0x6d, 0x0b, 0x9a, 0x11};

/* CUDA */

enum { SUCCESS, INVALID_VALUE, OUT_OF_MEMORY, NO_DEVICE = 100, INVALID_PTX = 218, NOT_FOUND = 500, NOT_READY = 600, ILLEGAL_ADDRESS = 700 };

static unsigned char *memory;
static size_t used, parts;
static const char *module;
static double now_ms; /* the card's clock */

int cuGetErrorName(int code, const char **name) {
    switch (code) {
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case NO_DEVICE: *name = "CUDA_ERROR_NO_DEVICE"; break;
    case INVALID_PTX: *name = "CUDA_ERROR_INVALID_PTX"; break;
    case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; break;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    default: return INVALID_VALUE;
    }
    return SUCCESS;
}

int cuInit(unsigned flags) {
#ifdef WITHOUT_DEVICE
    return NO_DEVICE;
#endif
    return flags;
}
int cuDeviceGetCount(int *count) { *count = 1; return SUCCESS; }
int cuDeviceGet(int *device, int index) { *device = index; return SUCCESS; }
int cuDeviceGetUuid_v2(void *id, int device) { memcpy(id, uuid, sizeof uuid); return device; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 16; return device; }
int cuDevicePrimaryCtxRetain(void **context, int device) {
    memory = calloc(MEMORY, 1);
    *context = memory;
    return memory ? device : OUT_OF_MEMORY;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
    if (parts) abort(); /* what was taken is given back first */
    free(memory);
    return device;
}
int cuCtxSetCurrent(void *context) { return context == memory ? SUCCESS : INVALID_VALUE; }

int cuModuleLoadData(void **handle, const void *text) {
#ifdef WITHOUT_COMPILER
    return INVALID_PTX;
#endif
    *handle = (void *)(module = text);
    return SUCCESS;
}
int cuModuleUnload(void *handle) { return handle == module ? SUCCESS : INVALID_VALUE; }
int cuModuleGetFunction(void **kernel, void *handle, const char *name) {
    char entry[64];
    snprintf(entry, sizeof entry, ".entry %s(", name);
    *kernel = (void *)strstr(handle, entry);
    return *kernel ? SUCCESS : NOT_FOUND;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
    *free = MEMORY - used;
#ifdef BOASTS
    *free = (size_t)-1;
#endif
    *total = MEMORY;
    return SUCCESS;
}
int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
#ifdef LARGEST_MIB /* the rest is in smaller parts */
    if (bytes > LARGEST_MIB * MIB) return OUT_OF_MEMORY;
#endif
    if (bytes > MEMORY - used) return OUT_OF_MEMORY;
    *address = BASE + used;
    used += bytes;
    parts++;
    return SUCCESS;
}
int cuMemFree_v2(uint64_t address) {
    if (address < BASE || !parts) abort();
    if (!--parts) used = 0;
    return SUCCESS;
}
static unsigned char *at(uint64_t address) {
    size_t offset = address - BASE;
#ifdef ALIASES /* one card sold as two: the upper half is the lower */
    offset %= MEMORY / 2;
#endif
    return memory + offset;
}
int cuMemsetD32_v2(uint64_t to, unsigned value, size_t count) {
    for (size_t i = 0; i < count; i++) *(unsigned *)at(to + 4 * i) = value;
    return SUCCESS;
}
int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
    if (from + bytes > BASE + used || to + bytes > BASE + used) return ILLEGAL_ADDRESS;
    now_ms += 2.0 * bytes / MIB / MIB_A_MS;
    return SUCCESS; /* no one looks at what was copied */
}
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) { memcpy(to, at(from), bytes); return SUCCESS; }

static uint64_t word(uint64_t state, uint64_t i) {
    uint64_t h = state + (i + 1) * 0x9e3779b97f4a7c15ull;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebull;
    return h ^ (h >> 31);
}
static void fill(uint64_t to, uint64_t count, uint64_t state) {
    for (uint64_t i = 0; i < count; i++) *(uint64_t *)at(to + 8 * i) = word(state, i);
}
static void check(uint64_t from, uint64_t count, uint64_t state, uint64_t wrong) {
    for (uint64_t i = 0; i < count; i++) *(uint64_t *)at(wrong) += *(uint64_t *)at(from + 8 * i) != word(state, i);
}
static void multiply_add(uint64_t to, uint32_t rounds, uint32_t threads) {
    for (uint32_t thread = 0; thread < threads; thread++) {
        float sum = 0;
        for (uint32_t j = 0; j < 16; j++) {
            float x = (float)(thread * 16 + j) * 0x1p-27f;
            for (uint32_t step = 0; step < rounds * 8; step++) x = fmaf(x, x, -1.9f);
            sum = j ? sum + x : x;
        }
        *(float *)at(to + 4 * thread) = sum;
    }
}
int cuLaunchKernel(void *kernel, unsigned blocks, unsigned by, unsigned bz, unsigned threads, unsigned ty, unsigned tz, unsigned shared, void *stream, void **arguments, void **extra) {
    if (by != 1 || bz != 1 || ty != 1 || tz != 1 || shared || stream || extra || !blocks) return INVALID_VALUE;
#define ARGUMENT(type, n) (*(type *)arguments[n])
    uint64_t to = ARGUMENT(uint64_t, 0);
    const char *name = (const char *)kernel + strlen(".entry ");
    if (!strncmp(name, "multiply_add", 12)) {
        uint32_t rounds = ARGUMENT(uint32_t, 1);
        now_ms += 2.0 * blocks * threads * rounds * 128 / (GFLOPS * 1e6);
#ifndef MISCALCULATES
        multiply_add(to, rounds, blocks * threads);
#endif
        return SUCCESS;
    }
    uint64_t count = ARGUMENT(uint64_t, 1), state = ARGUMENT(uint64_t, 2);
    if (to < BASE || to + 8 * count > BASE + used) return ILLEGAL_ADDRESS;
    now_ms += 8.0 * count / MIB / MIB_A_MS;
    if (!strncmp(name, "fill", 4)) fill(to, count, state);
#ifndef BLIND
    else check(to, count, state, ARGUMENT(uint64_t, 3));
#endif
    return SUCCESS;
}

int cuEventCreate(void **event, unsigned flags) { *event = calloc(1, sizeof(double)); return flags; }
int cuEventRecord(void *event, void *stream) { *(double *)event = now_ms; return stream != NULL; }
#ifndef WITHOUT_QUERY
int cuEventQuery(void *event) {
#ifdef HANGS
    return NOT_READY;
#endif
    return event == NULL;
}
#endif
int cuEventElapsedTime(float *ms, void *start, void *end) {
    *ms = *(double *)end - *(double *)start;
#ifdef CLOCK
    *ms = CLOCK;
#endif
    return SUCCESS;
}
int cuEventDestroy_v2(void *event) { free(event); return SUCCESS; }

/* NVML: one card, of which it says little. The rest is missing, which its caller takes as not known */

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlSystemGetDriverVersion(char *text, unsigned size) { return snprintf(text, size, "550.54.15") < 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = memory; return (int)index; }
int nvmlDeviceGetName(void *device, char *text, unsigned size) { (void)device; return snprintf(text, size, "NVIDIA H100 PCIe") < 0; }
int nvmlDeviceGetUUID(void *device, char *text, unsigned size) {
    (void)device;
    return snprintf(text, size, "GPU-2f1c0e4a-7f1d-4a55-8c3e-3f6f6d0b9a11") < 0;
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) {
    (void)device;
    *major = 9;
    *minor = 0;
    return 0;
}
struct memory_info { unsigned version; unsigned long long total, reserved, free, used; };
int nvmlDeviceGetMemoryInfo_v2(void *device, struct memory_info *info) {
    (void)device;
    info->total = MEMORY;
    return 0;
}
