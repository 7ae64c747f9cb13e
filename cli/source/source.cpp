#include "source/source.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace csp::cli {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

char at(std::string_view line, std::size_t i) { return i < line.size() ? line[i] : '\0'; }

// The operator that begins at `i`, longest first; empty when none does.
std::string_view operator_at(std::string_view line, std::size_t i) {
  static constexpr std::array<std::string_view, 15> kOperators = {
      "<<=", ">>=", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "->", "=", "["};
  for (std::string_view candidate : kOperators) {
    if (line.substr(i, candidate.size()) == candidate) {
      return candidate == "=" && (at(line, i + 1) == '=') ? std::string_view() : candidate;
    }
  }
  return {};
}

// `i` is one past a bracket that closes: the index of the one that opens it, or `i`.
std::size_t skip_brackets_back(std::string_view line, std::size_t i) {
  int depth = 0;
  for (std::size_t k = i; k-- > 0;) {
    if (line[k] == ')' || line[k] == ']') ++depth;
    if (line[k] == '(' || line[k] == '[') {
      if (--depth == 0) return k;
    }
  }
  return i;
}

std::size_t skip_brackets(std::string_view line, std::size_t i) {
  int depth = 0;
  for (std::size_t k = i; k < line.size(); ++k) {
    if (line[k] == '(' || line[k] == '[') ++depth;
    if (line[k] == ')' || line[k] == ']') {
      if (--depth == 0) return k + 1;
    }
  }
  return i;
}

// Where the postfix expression that ends at `end` begins: a.b->c[d](e)::f.
std::size_t operand_begin(std::string_view line, std::size_t end) {
  std::size_t i = end;
  for (;;) {
    const std::size_t before = i;
    while (i > 0 && is_name(line[i - 1])) --i;
    if (i > 0 && (line[i - 1] == ')' || line[i - 1] == ']')) {
      const std::size_t open = skip_brackets_back(line, i);
      if (open == i) return before;
      i = open;
      continue;
    }
    if (i > 0 && line[i - 1] == '.' && i >= 2 && (is_name(line[i - 2]) || line[i - 2] == ')' || line[i - 2] == ']')) {
      --i;
    } else if (i > 1 && (line.substr(i - 2, 2) == "->" || line.substr(i - 2, 2) == "::")) {
      i -= 2;
    } else {
      return i;
    }
  }
}

// Where the postfix expression that begins at `begin` ends. Calls are not entered: f(x) ends after f.
std::size_t operand_end(std::string_view line, std::size_t begin) {
  std::size_t i = begin;
  for (;;) {
    while (is_name(at(line, i))) ++i;
    if (at(line, i) == '[') {
      const std::size_t close = skip_brackets(line, i);
      if (close == i) return i;
      i = close;
    } else if (at(line, i) == '.' && is_name(at(line, i + 1))) {
      ++i;
    } else if ((line.substr(i, 2) == "->" || line.substr(i, 2) == "::") && is_name(at(line, i + 2))) {
      i += 2;
    } else {
      return i;
    }
  }
}

std::size_t trim_back(std::string_view line, std::size_t end) {
  while (end > 0 && is_space(line[end - 1])) --end;
  return end;
}

std::size_t trim(std::string_view line, std::size_t begin) {
  while (is_space(at(line, begin))) ++begin;
  return begin;
}

// The operand and the whole expression at a column.
struct Expression {
  Extent operand;
  Extent whole;
};

std::optional<Expression> find_expression(std::string_view line, unsigned column) {
  if (column == 0 || column > line.size()) return std::nullopt;
  const std::size_t start = column - 1;
  const std::string_view op = operator_at(line, start);
  const auto make = [&](std::size_t operand_from, std::size_t operand_to, std::size_t from, std::size_t to) {
    return Expression{{operand_from, operand_to - operand_from}, {from, to - from}};
  };
  if (op == "++" || op == "--") {
    // `hits++` when the operand touches it on the left; what stands left of `++hits` is another statement's.
    if (const std::size_t begin = operand_begin(line, start); begin < start)
      return make(begin, start, begin, start + 2);
    const std::size_t right = trim(line, start + 2);
    if (const std::size_t end = operand_end(line, right); end > right) return make(right, end, start, end);
  } else if (!op.empty() && op != "->" && op != "[") {
    const std::size_t left = trim_back(line, start);
    if (const std::size_t begin = operand_begin(line, left); begin < left) {
      return make(begin, left, begin, start + op.size());
    }
  } else if (is_name(line[start])) {
    const std::size_t end = operand_end(line, start);
    return make(start, end, start, end);
  } else if (op == "->" || op == "[" || line[start] == '.' || line[start] == '(') {
    const std::size_t begin = operand_begin(line, start);
    const std::size_t end = line[start] == '(' ? start + 1 : operand_end(line, start);
    if (begin < end) return make(begin, end, begin, end);
  } else if (line[start] == '*' || line[start] == '&' || line[start] == '!' || line[start] == '~') {
    const std::size_t right = trim(line, start + 1);
    if (const std::size_t end = operand_end(line, right); end > right) return make(right, end, start, end);
  }
  return make(start, start, start, start + 1);
}

// "c" of "a.b->c[d]"; "" when the text ends in something that is no name.
std::string last_name(std::string_view operand) {
  while (operand.ends_with(']')) {
    const std::size_t open = skip_brackets_back(operand, operand.size());
    if (open == operand.size()) return "";
    operand = operand.substr(0, open);
  }
  std::size_t begin = operand.size();
  while (begin > 0 && is_name(operand[begin - 1])) --begin;
  const std::string_view name = operand.substr(begin);
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || name == "return" || name == "this") return "";
  return std::string(name);
}

}  // namespace

std::optional<Extent> expression_at(std::string_view line, unsigned column) {
  const std::optional<Expression> expression = find_expression(line, column);
  return expression ? std::optional(expression->whole) : std::nullopt;
}

std::string accessed_name(std::string_view line, unsigned column) {
  const std::optional<Expression> expression = find_expression(line, column);
  if (!expression || expression->operand.size == 0) return "";
  const std::size_t end = expression->operand.begin + expression->operand.size;
  const bool is_call = at(line, trim(line, end)) == '(';
  return is_call ? "" : last_name(line.substr(expression->operand.begin, expression->operand.size));
}

std::string receiver_name(std::string_view line, unsigned column) {
  if (column == 0 || column > line.size()) return "";
  std::size_t i = column - 1;
  while (i < line.size() && !is_name(line[i])) ++i;  // GCC points at the '.' or '(' of a call.
  if (line[column - 1] == '(') i = column - 1;
  const std::size_t begin = operand_begin(line, i);
  const std::size_t end = line[column - 1] == '(' ? column - 1 : operand_end(line, i);
  const std::string_view callee = line.substr(begin, end - begin);
  const std::size_t dot = std::max(callee.rfind('.') + 1, callee.rfind("->") + 1);  // npos + 1 is 0.
  if (dot != 0) return last_name(callee.substr(0, dot - 1));
  const std::size_t open = trim(line, end);
  if (at(line, open) != '(' && at(line, open) != '{') return last_name(callee);
  const std::size_t argument = trim(line, open + 1);
  return last_name(line.substr(argument, operand_end(line, argument) - argument));
}

bool mentions_name(std::string_view line, std::string_view name) {
  for (std::size_t i = line.find(name); i != std::string_view::npos; i = line.find(name, i + 1)) {
    if ((i == 0 || !is_name(line[i - 1])) && !is_name(at(line, i + name.size()))) return true;
  }
  return false;
}

std::optional<std::string> SourceCache::line(const Place& place) {
  if (!place.known()) return std::nullopt;
  const auto [entry, added] = files_.try_emplace(place.path + '\n' + place.file);
  if (added) {
    std::ifstream in(place.path);
    // Where the binary was built elsewhere, the path as it was given may exist here.
    if (!in.is_open()) in.open(place.file);
    for (std::string text; std::getline(in, text);) {
      if (text.ends_with('\r')) text.pop_back();
      entry->second.push_back(std::move(text));
    }
  }
  const std::vector<std::string>& lines = entry->second;
  return place.line <= lines.size() ? std::optional(lines[place.line - 1]) : std::nullopt;
}

}  // namespace csp::cli
