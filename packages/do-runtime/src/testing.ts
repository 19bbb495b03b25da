// What tests of one's own objects need: a storage in memory that behaves as the platform's does.
export {
  MemoryStorage,
  memoryStorage,
  type MemoryStorageCounts,
  type MemoryStorageOptions,
  type StorageCall,
} from "./testing/memory-storage.ts";
