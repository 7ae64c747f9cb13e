#pragma once

#include "core/ids.h"

namespace csp::race {

/// One remembered access to a granule (eight bytes of the program's memory).
///
///   63 ...... 38   37      36       35 ........ 8   7 ....... 0
///   tid            write   atomic   clock           byte mask
///
/// 0 is "nothing". The last Tid marks words that are no access: see kLocked and spilled().
/// An access by the same agent at the same clock is ordered with this one, which makes the
/// comparison of the upper 56 bits the whole fast path (FastTrack's same-epoch rule: Flanagan and Freund, PLDI 2009).
class ShadowWord {
 public:
  constexpr ShadowWord() = default;
  constexpr explicit ShadowWord(std::uint64_t bits) : bits_(bits) {}
  static constexpr ShadowWord of(Epoch epoch, bool write, bool atomic, unsigned mask) {
    return ShadowWord((std::uint64_t{static_cast<std::uint32_t>(epoch.tid)} << kTidShift) |
                      (std::uint64_t{write} << kWriteBit) | (std::uint64_t{atomic} << kAtomicBit) |
                      (std::uint64_t{epoch.clock} << kClockShift) | mask);
  }

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Tid tid() const { return Tid{static_cast<std::uint32_t>(bits_ >> kTidShift)}; }
  constexpr Clock clock() const { return static_cast<Clock>(bits_ >> kClockShift) & kClockMax; }
  constexpr Epoch epoch() const { return {tid(), clock()}; }
  constexpr bool write() const { return (bits_ >> kWriteBit & 1) != 0; }
  constexpr bool atomic() const { return (bits_ >> kAtomicBit & 1) != 0; }
  constexpr unsigned mask() const { return static_cast<unsigned>(bits_ & 0xff); }
  constexpr ShadowWord without(unsigned mask) const {
    const ShadowWord rest(bits_ & ~std::uint64_t{mask});
    return rest.mask() == 0 ? ShadowWord() : rest;
  }

  /// Same agent, clock, kind; and these bytes at least.
  constexpr bool same_epoch_covers(ShadowWord access) const {
    return ((bits_ ^ access.bits_) & ~std::uint64_t{0xff}) == 0 && (access.bits_ & ~bits_) == 0;
  }

  // Special words, in a granule's first place only.
  static constexpr ShadowWord locked() { return ShadowWord(~std::uint64_t{0}); }
  static constexpr ShadowWord spilled(std::uint32_t side_cell) {
    return ShadowWord((kSpecialTid << kTidShift) | side_cell);
  }
  constexpr bool is_locked() const { return bits_ == ~std::uint64_t{0}; }
  constexpr bool is_spilled() const { return bits_ >> kTidShift == kSpecialTid && !is_locked(); }
  constexpr std::uint32_t side_cell() const { return static_cast<std::uint32_t>(bits_); }

 private:
  static constexpr unsigned kClockShift = 8;
  static constexpr unsigned kAtomicBit = kClockShift + kClockBits;
  static constexpr unsigned kWriteBit = kAtomicBit + 1;
  static constexpr unsigned kTidShift = kWriteBit + 1;
  static constexpr std::uint64_t kSpecialTid = (std::uint64_t{1} << kTidBits) - 1;
  static_assert(8 + kClockBits + 1 + 1 + kTidBits == 64, "no bit unaccounted for");
  static_assert(kTidMax < kSpecialTid, "no agent has the special Tid");

  std::uint64_t bits_ = 0;
};

}  // namespace csp::race
