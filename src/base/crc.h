#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace relay {

// CRC-32 as in zip and PNG (ISO-HDLC, polynomial 0x04C11DB7 reflected). For short texts.
std::uint32_t crc32(std::span<const std::byte> bytes) noexcept;

// CRC-32C (Castagnoli, RFC 3720 section B.4), by the processor's own instruction where it has one.
// `seed` continues from the CRC of what came before.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

// The same without that instruction.
std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t seed = 0) noexcept;

}  // namespace relay
