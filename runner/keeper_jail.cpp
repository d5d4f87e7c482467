// SPDX-License-Identifier: Apache-2.0
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "runner/keeper_process.h"

namespace pgrehearse {
namespace {

#ifdef __x86_64__
constexpr uint32_t machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t machine = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t machine = 0;  // the numbers of its calls are not known to be as we take them
#endif

/// What no server needs, and ways around the rest. io_uring opens sockets without the call for it.
constexpr std::initializer_list<uint32_t> never{SYS_io_uring_setup,
                                                SYS_ptrace,
                                                SYS_process_vm_readv,
                                                SYS_process_vm_writev,
                                                SYS_bpf,
                                                SYS_perf_event_open,
                                                SYS_userfaultfd,
                                                SYS_mount,
                                                SYS_unshare,
                                                SYS_setns,
                                                SYS_add_key,
                                                SYS_keyctl,
                                                SYS_request_key};

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    unless(BPF_JEQ, machine, refuse);
    load(offsetof(seccomp_data, nr));
    when(BPF_JGE, 0x40000000, refuse);  // x32, the other set of calls of x86_64
  }

  static constexpr uint32_t allow = SECCOMP_RET_ALLOW;
  static constexpr uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

  void load(size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }
  void load_argument(size_t number, size_t half = 0) {
    load(offsetof(seccomp_data, args) + number * sizeof(uint64_t) + half * sizeof(uint32_t));
  }
  void keep_bits(uint32_t bits) { add(BPF_ALU | BPF_AND | BPF_K, bits); }
  void when(uint32_t comparison, uint32_t value, uint32_t verdict) {
    program_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, 1));
    end(verdict);
  }
  void unless(uint32_t comparison, uint32_t value, uint32_t verdict) {
    program_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 1, 0));
    end(verdict);
  }
  void end(uint32_t verdict) { add(BPF_RET | BPF_K, verdict); }
  /// What `rules` adds is for this call alone, and must end in a verdict.
  template <class Rules>
  void on(uint32_t call, Rules rules) {
    size_t jump = program_.size();
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 0));
    rules();
    program_[jump].jf = static_cast<uint8_t>(program_.size() - jump - 1);
  }

  bool install() {
    sock_fprog all{static_cast<unsigned short>(program_.size()), program_.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
  }

 private:
  void add(uint32_t code, uint32_t value) { program_.push_back(BPF_STMT(static_cast<uint16_t>(code), value)); }
  std::vector<sock_filter> program_;
};

}  // namespace

bool can_jail() { return machine != 0 && prctl(PR_GET_SECCOMP) >= 0; }

bool jail(const char* program, const Jail& allowed) {
  if (!can_jail()) return false;
  Filter filter;
  for (uint32_t call : never) filter.when(BPF_JEQ, call, Filter::refuse);
  filter.on(SYS_socket, [&] {
    filter.load_argument(0);
    filter.when(BPF_JEQ, AF_UNIX, Filter::allow);
    if (allowed.datagrams) {
      filter.unless(BPF_JEQ, AF_INET, Filter::refuse);
      filter.load_argument(1);
      filter.keep_bits(0xf);
      filter.when(BPF_JEQ, SOCK_DGRAM, Filter::allow);
    }
    filter.end(Filter::refuse);
  });
  if (!allowed.programs) {
    filter.when(BPF_JEQ, SYS_execveat, Filter::refuse);
    filter.on(SYS_execve, [&] {
      // Only the one that is still to come: it names the program at this address.
      auto address = reinterpret_cast<uint64_t>(program);
      filter.load_argument(0);
      filter.unless(BPF_JEQ, static_cast<uint32_t>(address), Filter::refuse);
      filter.load_argument(0, 1);
      filter.unless(BPF_JEQ, static_cast<uint32_t>(address >> 32), Filter::refuse);
      filter.end(Filter::allow);
    });
  }
  filter.end(Filter::allow);
  return filter.install();
}

}  // namespace pgrehearse
