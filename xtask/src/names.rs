//! One name in three spellings: `DescribeTasks`, `describe_tasks`, `describe-tasks`.

/// `DescribeTasks` as a file or function: `describe_tasks`. A run of capitals is one word.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let letters: Vec<char> = name.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let begins_word = letter.is_ascii_uppercase()
            && place > 0
            && (!letters[place - 1].is_ascii_uppercase()
                || letters.get(place + 1).is_some_and(char::is_ascii_lowercase));
        if begins_word {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_are_told_by_their_capitals() {
        assert_eq!(snake_case("DescribeTasks"), "describe_tasks");
        assert_eq!(snake_case("ListACLs"), "list_ac_ls");
        assert_eq!(snake_case("CreateIPSet"), "create_ip_set");
        assert_eq!(snake_case("RunTask"), "run_task");
    }
}
