// word_index.cpp without its three bugs: the statistics are atomic, the channel of ticks is closed, and
// everybody takes the two locks of the index in the same order.

#include "text_index.h"

#include <atomic>
#include <chrono>
#include <mutex>

using namespace std::chrono_literals;

namespace {

constexpr int kReaders = 3;
constexpr int kIndexers = 3;
constexpr std::size_t kListed = 10;

/// The words of all documents, and how many came from which kind of file. Shared by the indexers.
class Index {
 public:
  void add(const demo::Document& document, const demo::WordCounts& counts) {
    std::lock_guard words_lock(words_mutex_);
    for (const auto& [word, count] : counts) words_[word] += count;

    std::lock_guard kinds_lock(kinds_mutex_);
    std::size_t& words_of_kind = kinds_[document.path.extension().string()];
    for (const auto& [word, count] : counts) words_of_kind += count;
  }

  struct Ranking {
    std::size_t distinct_words = 0;
    std::vector<demo::Ranked> kinds;
    std::vector<demo::Ranked> words;
  };

  Ranking rank() {
    std::lock_guard words_lock(words_mutex_);
    std::lock_guard kinds_lock(kinds_mutex_);
    return {words_.size(), demo::most_frequent(kinds_, kListed), demo::most_frequent(words_, kListed)};
  }

 private:
  csp::Mutex words_mutex_;
  demo::WordCounts words_;
  csp::Mutex kinds_mutex_;
  demo::WordCounts kinds_;
};

/// What the readers have read. Shared by the readers.
struct Statistics {
  std::atomic<std::size_t> files = 0;
};

/// Sends the paths of the tree's sources until there are no more, or until `ctx` is done.
csp::RecvChan<demo::fs::path> walk(const csp::Context& ctx, const demo::fs::path& root) {
  auto paths = csp::make_chan<demo::fs::path>(64);
  csp::go(csp::GoOptions{.name = "walk"}, [=] {
    auto closing = csp::defer([&] { paths.close(); });
    demo::walk_sources(root, [&](const demo::fs::path& path) {
      return csp::select(csp::send(paths, path), csp::recv(ctx.done())) == 0;
    });
  });
  return paths;
}

/// Reads the files with a few goroutines at a time.
csp::RecvChan<demo::Document> read(const csp::Context& ctx, csp::RecvChan<demo::fs::path> paths,
                                   Statistics& statistics) {
  auto documents = csp::make_chan<demo::Document>(8);
  csp::go(csp::GoOptions{.name = "read"}, [=, &statistics] {
    auto closing = csp::defer([&] { documents.close(); });
    csp::WaitGroup readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.go([&] {
        for (const demo::fs::path& path : paths) {
          demo::Document document{path, csp::blocking([&] { return demo::read_file(path); })};
          ++statistics.files;
          if (csp::select(csp::send(documents, std::move(document)), csp::recv(ctx.done())) == 1) return;
        }
      });
    }
    readers.wait();
  });
  return documents;
}

/// Says from time to time how far the indexing is.
void report_progress(csp::RecvChan<csp::Unit> ticks) {
  constexpr int kEvery = 50;
  int files = 0;
  for (csp::Unit tick : ticks) {
    (void)tick;
    if (++files % kEvery == 0) std::fprintf(stderr, "... %d files\n", files);
  }
}

/// Indexes the documents with several goroutines and returns when the last one is in the index.
void index_all(csp::RecvChan<demo::Document> documents, Index& index) {
  auto ticks = csp::make_chan<csp::Unit>();
  csp::go(csp::GoOptions{.name = "progress"}, report_progress, ticks);

  csp::WaitGroup indexers;
  for (int i = 0; i < kIndexers; ++i) {
    indexers.go([&] {
      for (const demo::Document& document : documents) {
        index.add(document, demo::count_words(document.text));
        ticks.send({});
      }
    });
  }
  indexers.wait();
  ticks.close();
}

int index_tree(const demo::fs::path& root) {
  auto [ctx, cancel] = csp::with_timeout(csp::background(), 5min);
  auto cancelling = csp::defer(cancel);

  Index index;
  Statistics statistics;
  index_all(read(ctx, walk(ctx, root), statistics), index);
  if (std::error_code error = ctx.err()) {
    std::fprintf(stderr, "word_index: %s\n", error.message().c_str());
    return 1;
  }

  auto ranking = csp::make_chan<Index::Ranking>();
  csp::go(csp::GoOptions{.name = "rank"}, [&index, ranking] { ranking.send(index.rank()); });
  const Index::Ranking result = ranking.recv();

  const std::size_t files = statistics.files;
  std::printf("%zu files, %zu different words\n", files, result.distinct_words);
  demo::print("words by kind of file:", result.kinds);
  demo::print("most frequent words:", result.words);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return csp::run([&] { return index_tree(demo::tree_of(argc, argv)); });
}
